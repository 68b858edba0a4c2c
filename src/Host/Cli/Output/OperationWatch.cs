using Spectre.Console;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Follows an operation to its end with live progress. Ctrl-C asks the server to cancel and goes on watching; a second
/// one
/// leaves, and the operation goes on by itself.
/// </summary>
internal sealed class OperationWatch(CliSession session)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private bool _cancelAsked;

    /// <summary>Waits for the end, or with <c>--detach</c> only shows the id; gives the exit code.</summary>
    public static async Task<int> FinishAsync(CliSession session, OperationId operation)
    {
        if (session.Parse.GetValue(CommonOptions.Detach))
        {
            session.Out.Result(new Accepted(operation), accepted => accepted.Operation.Value);
            return ExitCode.Done;
        }

        return await new OperationWatch(session).RunAsync(operation);
    }

    /// <summary>Watches and reports; gives the exit code.</summary>
    public async Task<int> RunAsync(OperationId operation)
    {
        var end = session.Out.IsLive ? await LiveAsync(operation) : await FollowAsync(operation, PlainLine());
        Report(end);
        return end.Phase == OperationPhase.Done ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task<OperationView> LiveAsync(OperationId operation) =>
        await session.Out.Live().Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(operation.Value, maxValue: 1);
                return await FollowAsync(operation, view =>
                {
                    bar.Description = Markup.Escape(
                        Tables.Clean($"{Tables.Word(view.Kind)} {view.Subject}: {view.Step}"));
                    bar.Value = view.Progress;
                });
            });

    private Action<OperationView> PlainLine()
    {
        var shown = "";
        return view =>
        {
            var line = Tables.Clean(
                $"{view.Id} {Tables.Word(view.Kind)} {view.Subject}: {Tables.Word(view.Phase)}, {view.Step}");
            if (line != shown) session.Out.Note(shown = line);
        };
    }

    private async Task<OperationView> FollowAsync(OperationId operation, Action<OperationView> show)
    {
        var leave = session.Host.Interrupts.Second;
        var time = session.Host.Time;
        for (var heard = time.GetTimestamp(); ;)
        {
            try
            {
                if (session.Cancel.IsCancellationRequested && !_cancelAsked) await CancelAsync(operation, leave);
                var view = await session.Api.OperationAsync(operation, leave);
                heard = time.GetTimestamp();
                show(view);
                if (view.Phase is OperationPhase.Done or OperationPhase.Failed or OperationPhase.Cancelled) return view;
            }
            catch (NotReachableException) when (time.GetElapsedTime(heard) < Patience)
            {
                // The server may be restarting; the operation is in its store and goes on.
            }

            await WaitAsync(leave);
        }
    }

    private async Task WaitAsync(CancellationToken leave)
    {
        using var early = CancellationTokenSource.CreateLinkedTokenSource(
            leave, _cancelAsked ? CancellationToken.None : session.Cancel);
        try
        {
            await Task.Delay(Pause, session.Host.Time, early.Token);
        }
        catch (OperationCanceledException) when (!leave.IsCancellationRequested)
        {
            // Ctrl-C: the loop asks for the cancel at once.
        }
    }

    private async Task CancelAsync(OperationId operation, CancellationToken leave)
    {
        _cancelAsked = true;
        session.Out.Note($"Asking the server to cancel {operation}; press Ctrl-C again to leave it alone.");
        try
        {
            await session.Api.CancelAsync(operation, leave);
        }
        catch (RefusedException refused)
        {
            session.Out.Note($"{refused.Problem.Reason} {refused.Problem.Remedy}");
        }
    }

    private void Report(OperationView end)
    {
        if (session.Out.IsJson) session.Out.Line(end);
        var subject = Tables.Clean($"{Tables.Word(end.Kind)} {end.Subject}");
        if (end.Phase == OperationPhase.Done)
        {
            var took = end.EndedAt is { } ended ? $" in {(ended - end.StartedAt).TotalSeconds:0.0} s" : "";
            session.Out.Note($"{subject}: done{took}");
            if (end.Move is { } move)
                session.Out.Note(
                    $"downtime {move.DowntimeMs} ms, copied {Units.Bytes(move.MemoryBytes)} memory, "
                    + $"{Units.Bytes(move.DiskBytes)} disk");
            return;
        }

        session.Out.Note($"{subject}: {Tables.Word(end.Phase)} at '{Tables.Clean(end.Step)}'");
        if (end.Failure is { } why) session.Out.Note(Tables.Clean(why.ToString()));
    }
}
