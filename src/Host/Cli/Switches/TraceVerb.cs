using System.CommandLine;
using VioActors.Contracts.Api;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary><c>vio switch trace</c>: the frames of one port as they come, or the last that were dropped.</summary>
internal static class TraceVerb
{
    private const int WaitMs = 1000;
    private const int MostDrops = 1000;

    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host)
    {
        var port = new Argument<string?>("port")
        {
            Description = "The port: its TAP, its node's id, MAC or address, or ENV/NODE when a server is asked. "
                + "With --drops it may be left out.",
            Arity = ArgumentArity.ZeroOrOne,
            CompletionSources = { Completions.Nodes(host) },
        };
        var machine = SwitchSources.HostOf(host);
        var write = new Option<string?>("--write", "-w")
        {
            Description = "Write a pcap file for tcpdump and Wireshark; - is standard output.",
            HelpName = "file",
        };
        var count = new Option<int?>("--count", "-c") { Description = "End after so many frames." };
        count.InRange(1, int.MaxValue);
        var snap = new Option<int>("--snaplen", "-s")
        {
            Description = $"Most bytes of a frame that are kept, 14 to {Limits.MaxFrameBytes}.",
            DefaultValueFactory = _ => Limits.MaxFrameBytes,
        };
        snap.InRange(14, Limits.MaxFrameBytes);
        var filter = new Option<string?>("--filter", "-f")
        {
            Description = "Which frames: terms joined by 'and', each perhaps after 'not': "
                + "arp ip ip6 tcp udp icmp icmp6 broadcast multicast in out, host ADDRESS, port NUMBER, ether MAC. "
                + "'in' comes from the node.",
            HelpName = "terms",
        };
        var drops = new Option<bool>("--drops")
        {
            Description = "Show the last dropped frames with their reasons instead (at most 1024 are kept).",
        };
        var follow = new Option<bool>("--follow") { Description = "With --drops: go on until Ctrl-C." };
        return CliSession.Action(
            new Command("trace", "Captures the frames of one port as they come, or shows why frames were dropped.")
            {
                port, machine, SwitchSources.Socket, write, count, snap, filter, drops, follow,
            },
            host,
            async session =>
            {
                var named = session.Parse.GetValue(port);
                var limit = session.Parse.GetValue(count);
                var (view, found) = await PlaceAsync(session, session.Parse.GetValue(machine), named);
                await using (view)
                {
                    if (session.Parse.GetValue(drops))
                        return await DropsAsync(session, view, found, limit, session.Parse.GetValue(follow));
                    if (found is null)
                        throw new UsageException(
                            "Which port shall be traced?", "Name one; 'vio switch show' lists them.");
                    var request = new TraceStart(
                        found, session.Parse.GetValue(snap), session.Parse.GetValue(filter));
                    return await TraceRun.RunAsync(session, view, request, session.Parse.GetValue(write), limit);
                }
            });
    }

    /// <summary>The switch that has the port, and the port's name there.</summary>
    private static async Task<(ISwitchView View, string? Port)> PlaceAsync(
        CliSession session, string? host, string? port)
    {
        if (await SwitchSources.OneAsync(session, host) is { } one && port?.Contains('/') != true) return (one, port);
        if (port?.Contains('/') != true)
        {
            const string remedy = "Name the host with --host, a control socket with --socket, or the node as ENV/NODE.";
            if (port is null)
                throw new UsageException(
                    "No switch is installed on this machine, so it is not clear which host is meant.", remedy);
            var found = await SwitchSources.WithPortAsync(session, port);
            return found.Count == 1
                ? (found[0], port)
                : throw new UsageException($"{found.Count} hosts have a port '{port}'.", remedy);
        }

        NodeView node;
        try
        {
            node = await session.Api.NodeAsync(NodeName.Parse(port), session.Cancel);
        }
        catch (FormatException bad)
        {
            throw new UsageException(bad.Message, "'vio node ls' lists nodes.");
        }

        return node.HostName is { } at
            ? (new RemoteSwitch(session.Api, host ?? at), node.Id.Value)
            : throw new UsageException($"Node {port} is on no host now.", "See why with 'vio node show'.");
    }

    private static async Task<int> DropsAsync(
        CliSession session, ISwitchView view, string? port, int? count, bool follow)
    {
        var (after, shown) = (0L, 0);
        try
        {
            do
            {
                var most = Math.Min(count - shown ?? MostDrops, MostDrops);
                var reply = await view.DropsAsync(new DropsRequest(port, after, most), session.Cancel);
                foreach (var drop in reply.Frames)
                {
                    after = drop.Number;
                    shown++;
                    if (session.Out.IsJson) session.Out.Line(drop);
                    else session.Host.Out.WriteLine(Line(drop));
                }

                if (shown == 0 && !follow && !session.Out.IsJson) session.Out.Note("Nothing was dropped yet.");
                if (follow && (count is null || shown < count))
                    await Task.Delay(TimeSpan.FromMilliseconds(WaitMs), session.Host.Time, session.Cancel);
            }
            while (follow && (count is null || shown < count));
        }
        catch (OperationCanceledException) when (session.Cancel.IsCancellationRequested)
        {
            // Ctrl-C is how it ends.
        }

        return ExitCode.Done;
    }

    private static string Line(DroppedFrame drop) => Tables.Clean(
        $"{drop.At:HH:mm:ss.fff} {(drop.IsTunnel ? "from host" : "port")} {drop.Where} {drop.Frame} "
        + $"length {drop.Length}: {drop.Reason}, {DropReason.Of(drop.Reason).Words}");
}
