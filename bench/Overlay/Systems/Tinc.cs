using System.Security.Cryptography;

namespace VioActors.Bench.Overlay.Systems;

/// <summary>tinc 1.0 as a switch, with AES instead of its slower default.</summary>
internal sealed class Tinc(int number) : OverlaySystem("tinc", SystemKind.Peer, number)
{
    private const int KeyBits = 2048;

    /// <inheritdoc/>
    public override string Program => "tincd";

    /// <inheritdoc/>
    public override IReadOnlyList<string> VersionCommand => ["tincd", "--version"];

    /// <inheritdoc/>
    public override async Task StartAsync(Underlay under, CancellationToken cancel)
    {
        using var keyA = RSA.Create(KeyBits);
        using var keyB = RSA.Create(KeyBits);
        foreach (var host in (string[])[under.A, under.B])
        {
            var near = host == under.A;
            var directory = under.NewDirectory($"{Name}-{(near ? 'a' : 'b')}");
            Directory.CreateDirectory(Path.Combine(directory, "hosts"));
            await File.WriteAllTextAsync(Path.Combine(directory, "tinc.conf"),
                $"Name = {(near ? 'a' : 'b')}\nMode = switch\nInterface = {Device(near)}\nAddressFamily = ipv4\n"
                + $"BindToAddress = {under.AddressOf(host)} {Port}\n{(near ? "" : "ConnectTo = a\n")}", cancel);
            await File.WriteAllTextAsync(
                Path.Combine(directory, "rsa_key.priv"), (near ? keyA : keyB).ExportRSAPrivateKeyPem() + '\n', cancel);
            foreach (var (name, key, address) in ((string, RSA, string)[])
                [("a", keyA, under.AddressOf(under.A)), ("b", keyB, under.AddressOf(under.B))])
            {
                await File.WriteAllTextAsync(Path.Combine(directory, "hosts", name),
                    $"Address = {address} {Port}\nPort = {Port}\nCipher = aes-256-cbc\nDigest = sha256\n"
                    + key.ExportRSAPublicKeyPem() + '\n', cancel);
            }

            var daemon = under.Start(
                host, $"{Name}-{(near ? 'a' : 'b')}", "tincd", "-c", directory, "-D",
                $"--pidfile={Path.Combine(directory, "pid")}");
            Daemons.Add(daemon);
            await ConfigureAsync(under, host, daemon, mtu: null, cancel);
        }

        EndsAreHosts(under);
    }

    private int Port => 6550 + Number;
}
