using System.Net;
using VioActors.Bench.Overlay.Systems;
using VioActors.Daemon.Shell;
using VioActors.Switch.DataPlane;
using VioActors.Switch.DataPlane.Tests;

namespace VioActors.Bench.Vhost;

/// <summary>
/// One switch in this process with four nodes: 1 and 2 on vhost-user, 3 and 4 on TAPs with joints, all in a network
/// namespace of its own.
/// </summary>
internal sealed class VhostSite : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("viovhost");
    private readonly string _namespace = $"vhb{Environment.ProcessId}";
    private readonly ProcessRunner _runner;
    private SwitchDaemon? _daemon;

    private VhostSite(TimeProvider time) => _runner = new ProcessRunner(time);

    /// <summary>The pair on vhost-user.</summary>
    public INodePair Machines { get; private set; } = null!;

    /// <summary>The same, which copies frames in and out.</summary>
    public INodePair Copying { get; private set; } = null!;

    /// <summary>The pair on TAPs.</summary>
    public INodePair Taps { get; private set; } = null!;

    /// <summary>Makes all of it.</summary>
    /// <exception cref="BenchException">Root is missing, or the switch refused something.</exception>
    public static async Task<VhostSite> StartAsync(TimeProvider time, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess) throw new BenchException("TAPs need root; run it as root.");
        var site = new VhostSite(time);
        try
        {
            await site.StartSwitchAsync(time, cancel);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>A frame from the first node of a pair to the second, with its virtio header.</summary>
    /// <param name="first">The first's number.</param>
    /// <param name="bytes">Of the Ethernet frame; above 1514 it is uncut TCP.</param>
    public static byte[] FrameOf(int first, int bytes)
    {
        if (bytes <= 1514)
            return Sample.Super(Sample.Packet(Mac(first + 1), Mac(first), Ip(first), Ip(first + 1), bytes - 34));
        var super = new TcpCase(4, Tagged: false, bytes - 66, 1448, 0x10).SuperFrame();
        var plain = Sample.Packet(Mac(first + 1), Mac(first), Ip(first), Ip(first + 1), 1);
        plain.AsSpan(0, 12).CopyTo(super.AsSpan(12));
        plain.AsSpan(26, 8).CopyTo(super.AsSpan(12 + 26));
        return super;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Machines?.Dispose();
        Taps?.Dispose();
        if (_daemon is not null) await _daemon.DisposeAsync();
        await _runner.RunAsync(new ProcessCommand("ip", "netns", "delete", _namespace), CancellationToken.None);
        _directory.Delete(recursive: true);
    }

    private async Task StartSwitchAsync(TimeProvider time, CancellationToken cancel)
    {
        await _runner.RunAsync(new ProcessCommand("ip", "netns", "add", _namespace), cancel);
        var control = Path.Combine(_directory.FullName, "c.sock");
        using var site = new OverlaySite(time);
        _daemon = await SwitchDaemon.StartAsync(
            new SwitchDaemonOptions
            {
                HostId = "a",
                SiteId = OverlaySite.Id,
                SiteCaPem = site.Pem,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                ControlSocketPath = control,
                NetworkNamespacePath = "/run/netns/" + _namespace,
                PortSocketDirectory = _directory.FullName,
            },
            time);
        VhostMachine[] machines = [Machine(1), Machine(2)];
        Machines = new MachinePair(machines[0], machines[1], copies: false);
        Copying = new MachinePair(machines[0], machines[1], copies: true);
        await using var client = await SwitchControlClient.ConnectAsync(control, "bench", cancel);
        var reply = await client.ApplyAsync(Wanted(), cancel);
        if (reply.Errors.Count > 0) throw new BenchException($"The switch refused: {reply.Errors[0]}");
        foreach (var machine in machines)
        {
            machine.Accept();
            machine.Start();
            machine.Transmit.WantCalls(false);
            machine.Receive.WantCalls(false);
            machine.Receive.Fill();
        }

        Taps = await OpenTapsAsync();
    }

    // Ports of a bridge forward at once, because it speaks no spanning tree.
    private async Task<TapPair> OpenTapsAsync()
    {
        using var thread = new WorkThread("bench-taps", "/run/netns/" + _namespace);
        return await thread.RunAsync(() => new TapPair(TapDevice.Open("vhq3"), TapDevice.Open("vhq4")));
    }

    private VhostMachine Machine(int number) => new(Path.Combine(_directory.FullName, $"m{number}"));

    private static SwitchWantedState Wanted() => new()
    {
        Version = 1,
        Environments =
        [
            new WantedEnvironment
            {
                Id = "bench",
                Ports =
                [
                    .. ((int[])[1, 2]).Select(node => Port(node) with { Kind = "vhost-user", Socket = $"m{node}" }),
                    .. ((int[])[3, 4])
                        .Select(node => Port(node) with { Bridge = $"vhb{node}", NodeTap = $"vhq{node}" }),
                ],
                Table =
                [
                    .. Enumerable.Range(1, 4).Select(node => new WantedNode
                    {
                        Mac = Mac(node), Ip = Ip(node), Node = $"n{node}", Host = "a", Sequence = 1,
                    }),
                ],
            },
        ],
    };

    private static WantedPort Port(int node) => new()
    {
        Tap = $"vht{node}",
        Node = $"n{node}",
        Mac = Mac(node),
        Ip = Ip(node),
    };

    private static string Mac(int node) => $"02:00:00:00:00:0{node}";

    private static string Ip(int node) => $"10.1.0.{node}";
}
