using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>Moves a pinged node with an open connection, then the node with a disk.</summary>
internal static class Step3Move
{
    private static readonly TimeSpan MoveTime = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan FactTime = TimeSpan.FromSeconds(60);
    private const int Pings = 600;

    // A frame or two may be under way in the instant of the switch-over; a lost second would be a failure.
    private const double MostGapMs = 3000;

    /// <summary>Runs it; gives its result in words.</summary>
    public static async Task<string> RunAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        var node = demo.NodeWith(null);
        var tcpBefore = await TcpAsync(demo, 0, cancel);
        var (pings, move) = await MoveWhilePingingAsync(demo, node, view, cancel);
        demo.Figures["move_lost_pings"] = pings.Sent - pings.Received;
        demo.Figures["move_gap_ms"] = DemoFigures.Round(pings.LongestGapMs);
        demo.Figures["move_downtime_ms"] = move?.DowntimeMs;
        demo.Notes.Add(("bytes copied by the move", Units.Bytes((move?.MemoryBytes ?? 0) + (move?.DiskBytes ?? 0))));
        DemoFailedException.Unless(
            pings.LongestGapMs < MostGapMs,
            $"The longest gap of the move was {pings.LongestGapMs:0} ms; {MostGapMs} are allowed.");
        await MoveControls.PingsAsync(demo, cancel);
        if (!demo.Site.HasGuests)
        {
            demo.Figures["tcp_kept"] = DemoFigures.NotApplicable;
            demo.Figures["disk_intact"] = DemoFigures.NotApplicable;
        }
        else
        {
            view.At(0.55, "the TCP connection goes on");
            await TcpAsync(demo, tcpBefore, cancel);
            demo.Figures["tcp_kept"] = true;
            var cut = await MoveControls.CutAsync(demo, cancel);
            await MoveDiskAsync(demo, view, cancel);
            demo.Figures["disk_intact"] = true;
            view.At(0.95, "control: a connection that is cut");
            await MoveControls.SeenCutAsync(demo, cut, cancel);
        }

        return $"{pings.Sent - pings.Received} of {pings.Sent} pings lost, longest gap {pings.LongestGapMs:0} ms, "
            + $"downtime {move?.DowntimeMs} ms, copied {Units.Bytes(move?.MemoryBytes ?? 0)}";
    }

    private static async Task<(PingFigures Pings, MoveStatistics? Move)> MoveWhilePingingAsync(
        DemoContext demo, string node, IStepView view, CancellationToken cancel)
    {
        var from = await demo.HostOfAsync(node, cancel);
        var to = await demo.OtherHostAsync(from, cancel);
        OperationView? end = null;
        var pings = await new PingSeries(demo, demo.Astro.Name, node, from).DuringAsync(
            Pings,
            async () =>
            {
                var accepted = await demo.Api.MoveAsync(demo.Name(node), new MoveBody(to, null), cancel);
                end = await demo.FinishAsync(
                    accepted.Operation, move =>
                        view.At(move.Progress * 0.4, $"{node} from {from} to {to}: {move.Step}"),
                    MoveTime, cancel);
            },
            cancel);
        var now = await demo.HostOfAsync(node, cancel);
        DemoFailedException.Unless(now == to, $"{node} is on {now} after its move to {to}.");
        demo.EarlierMove = end;
        return (pings, end?.Move);
    }

    /// <summary>Waits until the one TCP connection got beyond a point; it must not have broken.</summary>
    public static async Task<long> TcpAsync(DemoContext demo, long beyond, CancellationToken cancel)
    {
        if (!demo.Site.HasGuests) return 0;
        var client = demo.Name(demo.NodeWith("vio.tcp="));
        long at = 0;
        await demo.WaitAsync(
            $"data on {client}'s TCP connection", FactTime,
            async () =>
            {
                var facts = await demo.Guests.ReadAsync(client, cancel);
                if (facts.TcpBroken)
                {
                    demo.Figures["tcp_kept"] = false;
                    throw new DemoFailedException($"The TCP connection of {client} broke.");
                }

                at = facts.Tcp;
                return at > beyond ? null : $"{at} lines, {beyond} before";
            },
            cancel);
        return at;
    }

    private static async Task MoveDiskAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        var node = demo.NodeWith("vio.disk=1");
        var before = await DiskAsync(demo, node, 0, cancel);
        await MoveControls.DiskAsync(demo, node, cancel);
        var to = await demo.OtherHostAsync(await demo.HostOfAsync(node, cancel), cancel);
        var accepted = await demo.Api.MoveAsync(demo.Name(node), new MoveBody(to, null), cancel);
        var end = await demo.FinishAsync(
            accepted.Operation, move =>
                view.At(0.6 + (move.Progress * 0.3), $"{node} and its disk to {to}: {move.Step}"),
            MoveTime, cancel);
        view.At(0.9, $"{node} verifies every block");
        var after = await DiskAsync(demo, node, before, cancel);
        demo.Notes.Add(("blocks verified before and after the disk's move", $"{before}, {after}"));
        demo.Notes.Add(("disk bytes copied", Units.Bytes(end.Move?.DiskBytes ?? 0)));
    }

    private static async Task<long> DiskAsync(DemoContext demo, string node, long beyond, CancellationToken cancel)
    {
        long verified = 0;
        await demo.WaitAsync(
            $"{node} to verify its disk", FactTime,
            async () =>
            {
                var facts = await demo.Guests.ReadAsync(demo.Name(node), cancel);
                if (facts.DiskBad)
                {
                    demo.Figures["disk_intact"] = false;
                    throw new DemoFailedException($"A block on the disk of {node} is wrong.");
                }

                verified = facts.Disk;
                return verified > beyond ? null : $"{verified} blocks verified, {beyond} before";
            },
            cancel);
        return verified;
    }
}
