using VioActors.Bench.Overlay.Systems;
using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>Which systems are compared, and their start.</summary>
internal sealed class OverlaySystems(Underlay under, BenchRun run)
{
    private static readonly string[] ProgramPlaces = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>Names of the peers that Debian has.</summary>
    public static IReadOnlyList<string> PeerNames { get; } =
        ["n2n", "tinc", "fastd", "openvpn", "wireguard-go"];

    /// <summary>All that were started and carry packets.</summary>
    public List<OverlaySystem> Living { get; } = [];

    /// <summary>
    /// Starts ours with so many lanes, the ceilings, these peers and these builds of wireguard-go; what cannot run is
    /// said.
    /// </summary>
    /// <exception cref="BenchException">Ours, or the bare link, does not run.</exception>
    public async Task StartAsync(
        int? lanes, IReadOnlyList<string> peers, IReadOnlyList<string> given, CancellationToken cancel)
    {
        var number = 0;
        List<OverlaySystem> wanted =
        [
            new OurSwitch("ours", ++number, joint: true, lanes),
            new OurSwitch("ours-tap", ++number, joint: false, lanes),
            new BareVeth(++number), new KernelVxlan(++number),
            .. peers.Select(name => Peer(name, ++number)),
            .. given.Select(path => new WireGuardGo(
                "given-wireguard-go", SystemKind.Given, ++number, Path.GetFullPath(path))),
        ];
        foreach (var system in wanted)
        {
            try
            {
                await StartAsync(system, cancel);
                Living.Add(system);
                run.Note($"{system.Name}: {(system.Version.Length == 0 ? "ready" : system.Version)}");
            }
            catch (Exception failed) when (failed is BenchException or ProcessFailedException or IOException)
            {
                if (system.Kind == SystemKind.Ours || system is BareVeth)
                    throw new BenchException($"{system.Name} does not run: {failed.Message}");
                run.Note($"{system.Name} is left out: {failed.Message}");
            }
        }
    }

    private static OverlaySystem Peer(string name, int number) => name switch
    {
        "n2n" => new N2n(number),
        "tinc" => new Tinc(number),
        "fastd" => new Fastd(number),
        "openvpn" => new OpenVpn(number),
        "wireguard-go" => new WireGuardGo(name, SystemKind.Peer, number, "wireguard-go"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such peer"),
    };

    private async Task StartAsync(OverlaySystem system, CancellationToken cancel)
    {
        if (system.Program is { } program && !Path.IsPathRooted(program)
            && !ProgramPlaces.Any(place => File.Exists(Path.Combine(place, program))))
            throw new BenchException($"{program} is not installed");
        if (system.VersionCommand.Count > 0)
            await ReadVersionAsync(system, new(system.VersionCommand[0], [.. system.VersionCommand.Skip(1)]), cancel);
        try
        {
            await system.StartAsync(under, cancel);
            var probe = new RttProbe(under.Time);
            await OverlayWait.UntilAsync("a ping came back", under.Time, async () =>
            {
                system.Daemons.ForEach(daemon => daemon.CheckAlive());
                return (await probe.RunAsync(system, TimeSpan.FromMilliseconds(50), cancel)).Micros.Count > 0;
            }, cancel);
        }
        catch (BenchException failed) when (system.Daemons is [var first, ..])
        {
            throw new BenchException($"{system.Name}: {failed.Message} ({first.LastWords})");
        }
    }

    private async Task ReadVersionAsync(
        OverlaySystem system, ProcessCommand command, CancellationToken cancel)
    {
        // Some print it on standard error, and fail.
        var said = await under.Runner.TryAsync(command, cancel);
        var line = (said.Output + '\n' + said.Error).Split('\n', StringSplitOptions.TrimEntries)
            .FirstOrDefault(text => text.Length > 0, "");
        // What follows is how it was built.
        system.Described(line.Replace("Welcome to ", "").Split(" for ")[0].Split(" x86_64")[0]);
    }
}
