using System.Net.Sockets;
using System.Text;

namespace VioActors.Bench.Overlay.Systems;

/// <summary>wireguard-go, set up over its own socket. Layer 3 only.</summary>
internal sealed class WireGuardGo(string name, SystemKind kind, int number, string program)
    : OverlaySystem(name, kind, number)
{
    private const int Mtu = 1420;

    // Fixed X25519 pairs, private and public: this traffic is no secret.
    private static readonly (string Private, string Public)[] Keys =
    [
        ("77076d0a7318a57d3c16c17251b26645c6b10e0b5a4f0e1c0d5e6f0b4c1d2a2a",
            "d3e138b7970caffd444f9459084070ee40f8a5b741dc3b8ba09cc00c928dbb30"),
        ("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
    ];

    /// <inheritdoc/>
    public override string Program => program;

    /// <inheritdoc/>
    public override IReadOnlyList<string> VersionCommand => [program, "--version"];

    /// <inheritdoc/>
    public override async Task StartAsync(Underlay under, CancellationToken cancel)
    {
        foreach (var host in (string[])[under.A, under.B])
        {
            var near = host == under.A;
            var daemon = under.Start(
                host, Name + (near ? "-a" : "-b"), "env", "WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1",
                program, "-f", Device(near));
            Daemons.Add(daemon);
            await ConfigureAsync(under, host, daemon, Mtu, cancel);
            var (own, other) = near ? (Keys[0], Keys[1]) : (Keys[1], Keys[0]);
            await SetAsync(
                under, $"/var/run/wireguard/{Device(near)}.sock",
                $"set=1\nprivate_key={own.Private}\nlisten_port={Port}\npublic_key={other.Public}\n"
                + $"endpoint={under.AddressOf(under.Other(host))}:{Port}\nallowed_ip=10.78.{Number}.0/24\n\n", cancel);
        }

        EndsAreHosts(under);
    }

    private int Port => 51_820 + Number;

    private async Task SetAsync(Underlay under, string path, string text, CancellationToken cancel)
    {
        await OverlayWait.UntilAsync($"{Name} listens", under.Time, () => Task.FromResult(File.Exists(path)), cancel);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancel);
        using var reader = new StreamReader(stream);
        if (await reader.ReadLineAsync(cancel) is var answer && answer != "errno=0")
            throw new BenchException($"{Name} refused its settings: {answer}");
    }
}
