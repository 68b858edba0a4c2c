using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>Kills the server in the middle of a move; one copy runs and the operation ends.</summary>
internal static class Step4ServerKill
{
    private static readonly TimeSpan MiddleTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(90);

    // Slow enough that the server dies while memory is being copied.
    private const int BandwidthMiBps = 12;

    /// <summary>Runs it; gives its result in words.</summary>
    public static async Task<string> RunAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        var node = demo.NodeWith(null);
        demo.Figures["recovered_from_server_kill"] = false;
        var to = await demo.OtherHostAsync(await demo.HostOfAsync(node, cancel), cancel);
        var accepted = await demo.Api.MoveAsync(demo.Name(node), new MoveBody(to, BandwidthMiBps), cancel);
        var middle = await MiddleAsync(demo, accepted, view, cancel);
        view.At(0.3, "the server is killed");
        var killed = demo.Site.ServerPid;
        await demo.Site.KillServerAsync(cancel);
        var dead = demo.Time.GetUtcNow();

        OperationView? end = null;
        await demo.WaitAsync(
            $"the end of {accepted.Operation} after the kill", EndTime,
            async () =>
            {
                end = await demo.Api.OperationAsync(accepted.Operation, cancel);
                view.At(0.4 + (end.Progress * 0.5), $"after the restart: {end.Step}");
                return end.EndedAt is null ? $"{Tables.Word(end.Phase)} at {end.Step}" : null;
            },
            cancel);
        await demo.WaitAsync(
            $"{node} to be ready", EndTime,
            async () => (await demo.NodeAsync(node, cancel)).Power is var power && power == NodePower.Ready ? null
                : $"{power}",
            cancel);
        var moved = await demo.NodeAsync(node, cancel);
        var copies = demo.Site.CopiesRunning(moved.Id);
        demo.Figures["copies_running"] = copies;
        var control = await demo.Site.CopiesWithOneMoreAsync(moved.Id, cancel);
        demo.Notes.Add(
            ("control: copies with a second one on purpose", control?.ToString() ?? DemoFigures.NotApplicable));
        DemoFailedException.Unless(copies == 1, $"{copies} copies of {node} run; it must be 1.");
        DemoFailedException.Unless(
            control is null or 2, $"The control of copies_running counted {control}; it must be 2.");
        RecoveryControl(demo, end!, dead, killed);
        await Step3Move.TcpAsync(demo, 0, cancel);
        demo.Figures["recovered_from_server_kill"] = true;
        return $"killed at '{middle}'; the move ended {Tables.Word(end!.Phase)}, "
            + $"{copies} copy runs on {moved.HostName}";
    }

    /// <summary>Whether an operation was under way when the server died, and ended all the same.</summary>
    internal static bool Recovered(OperationView operation, DateTimeOffset dead) =>
        operation.StartedAt < dead && operation.EndedAt > dead;

    // Only another process can have ended what was unfinished when the server was dead. The same question about a move
    // that had ended before is the control: its answer must be no.
    private static void RecoveryControl(DemoContext demo, OperationView end, DateTimeOffset dead, int? killed)
    {
        var now = demo.Site.ServerPid;
        var earlier = Recovered(demo.EarlierMove!, dead);
        demo.Notes.Add(("control: ended after the kill: this move, the one before",
            $"{Said(Recovered(end, dead))}, {Said(earlier)}; server {killed}, then {now}"));
        DemoFailedException.Unless(
            killed is not null && now is not null && killed != now,
            $"The server was process {killed} and is {now}: was it killed?");
        DemoFailedException.Unless(
            Recovered(end, dead) && !earlier,
            $"The server was dead at {dead:O}: the move ended at {end.EndedAt:O}, the one before it at "
            + $"{demo.EarlierMove!.EndedAt:O}. Only the first may have ended after it.");
        static string Said(bool holds) => holds ? "yes" : "no";
    }

    private static async Task<string> MiddleAsync(
        DemoContext demo, Accepted accepted, IStepView view, CancellationToken cancel)
    {
        var at = "";
        await demo.WaitAsync(
            "the move to copy", MiddleTime,
            async () =>
            {
                var move = await demo.Api.OperationAsync(accepted.Operation, cancel);
                DemoFailedException.Unless(
                    move.EndedAt is null,
                    $"The move ended {Tables.Word(move.Phase)} before the server could be killed.");
                view.At(0.1 + (move.Progress * 0.2), at = move.Step);
                return move.Step.Contains("cop", StringComparison.OrdinalIgnoreCase) ? null : move.Step;
            },
            cancel);
        return at;
    }
}
