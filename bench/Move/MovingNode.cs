using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Move;

/// <summary>One move.</summary>
/// <param name="Pings">What the prober counted over it.</param>
/// <param name="Job">The hypervisor's own figures.</param>
/// <param name="OperationMs">From the request to the end of the operation, milliseconds.</param>
/// <param name="Covered">Whether pings were sent until the operation ended; else the gap may have been missed.</param>
internal sealed record MoveRound(PingFigures Pings, MoveStatistics Job, double OperationMs, bool Covered);

/// <summary>The node that is moved while one fixed host's prober pings it.</summary>
internal sealed class MovingNode(BenchRun run, DemoContext demo)
{
    // 8 seconds; a move under emulation takes two to five.
    private const int Pings = 800;
    private const int ControlPings = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(500);
    private readonly string _node = demo.Astro.Nodes[0].Name;
    private string? _prober;

    /// <summary>Creates the environment; its nodes are ready then.</summary>
    public async Task CreateAsync()
    {
        await Environments.CreateAsync(run, demo, demo.Astro, Patience);
        _prober = await demo.HostOfAsync(_node, run.Cancel);
    }

    /// <summary>Moves it to the other host under pings.</summary>
    public async Task<MoveRound> MoveAsync(int number)
    {
        var to = await demo.OtherHostAsync(await demo.HostOfAsync(_node, run.Cancel), run.Cancel);
        var pings = new PingSeries(demo, demo.Astro.Name, _node, _prober).SeriesAsync(Pings, run.Cancel);
        await Task.Delay(Lead, run.Time, run.Cancel);
        var started = run.Time.GetTimestamp();
        var accepted = await demo.Api.MoveAsync(demo.Name(_node), new MoveBody(to, null), run.Cancel);
        var end = await demo.FinishAsync(accepted.Operation, _ => { }, Patience, run.Cancel);
        var took = run.Time.GetElapsedTime(started).TotalMilliseconds;
        var covered = !pings.IsCompleted;
        var seen = await pings;
        var job = end.Move ?? throw new BenchException($"Move {number} ended without statistics.");
        run.Note(
            $"move {number} to {to}: gap {seen.LongestGapMs:0} ms, downtime {job.DowntimeMs} ms, "
            + $"{seen.Sent - seen.Received} of {seen.Sent} pings lost, {took:0} ms in all"
            + (covered ? "" : ", NOT covered by its pings"));
        return new MoveRound(seen, job, took, covered);
    }

    /// <summary>Control of lost pings: those to a stopped node.</summary>
    public async Task<PingFigures> PingStoppedAsync()
    {
        var other = demo.Astro.Nodes[1].Name;
        var stop = await demo.Api.StopAsync(demo.Name(other), graceSeconds: 0, run.Cancel);
        await demo.FinishAsync(stop.Operation, _ => { }, Patience, run.Cancel);
        return await new PingSeries(demo, demo.Astro.Name, other, _prober).SeriesAsync(ControlPings, run.Cancel);
    }
}
