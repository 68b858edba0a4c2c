using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Agent;

/// <summary>
/// Carries out a host's commands: first the run check, then a durable note, then the act, then a look at the node.
/// Every command may come twice, or again after a crash anywhere in between. Thread-safe; the caller owns and disposes
/// it, which ends what is under way (machines keep running).
/// </summary>
public sealed class HostAgent(IHypervisor hypervisor, IRunLedger ledger, IReadyProbe probe) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly NodeLanes _lanes = new();
    private readonly MoveJobs _moves = new();
    private readonly WorkInHand _work = new();
    private readonly ReadyWaits _waits = new();

    /// <summary>How far the running moves are.</summary>
    public ImmutableArray<MoveProgress> Progress => _moves.Progress();

    /// <summary>Every node that this host has not removed.</summary>
    public ImmutableArray<NodeId> Nodes =>
        [.. ledger.All.Where(record => !record.Removed).Select(record => record.Node)];

    /// <summary>
    /// Carries out one command and says how it ended. Never throws for what the command met: that is in the outcome.
    /// </summary>
    /// <param name="generation">The site's generation, the first half of the pair.</param>
    /// <param name="command">What to do.</param>
    /// <param name="stopWaiting">Ends the waiting, not the work.</param>
    public Task<AgentOutcome> DoAsync(long generation, AgentCommand command, CancellationToken stopWaiting = default) =>
        _work.Track(CarryOutAsync(generation, command)).WaitAsync(stopWaiting);

    /// <summary>Every node this host knows of: its domains and its stored runs.</summary>
    /// <exception cref="HypervisorException">The hypervisor cannot be asked.</exception>
    public async Task<ImmutableArray<NodeObservation>> InventoryAsync(CancellationToken cancel)
    {
        var seen = (await hypervisor.ListAsync(cancel)).ToDictionary(one => one.Node);
        foreach (var record in ledger.All)
        {
            if (seen.TryGetValue(record.Node, out var one))
                seen[record.Node] = one with
                {
                    Run = record.Pair.Run,
                    Generation = record.Pair.Generation,
                    Environment = record.Environment,
                };
            else if (!record.Removed)
                seen[record.Node] = new NodeObservation
                {
                    Node = record.Node,
                    Environment = record.Environment,
                    Presence = NodePresence.Absent,
                    Run = record.Pair.Run,
                    Generation = record.Pair.Generation,
                };
        }
        return [.. seen.Values.OrderBy(one => one.Node.Value, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        await _work.EndedAsync();
        _stopping.Dispose();
    }

    private async Task<AgentOutcome> CarryOutAsync(long generation, AgentCommand command)
    {
        var pair = new RunPair(generation, command.Run);
        try
        {
            return command switch
            {
                ObserveNode => AgentOutcome.Done(await LookAsync(command.Node)),
                AwaitReady ask => await ReadyAsync(pair, ask),
                AbortMove abort => await AbortAsync(pair, abort),
                SendMove send => await SendAsync(pair, send),
                _ => await InLaneAsync(pair, command),
            };
        }
        catch (HypervisorException failed)
        {
            return await FailedAsync(command, failed.Failure);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return AgentRefusals.Stopping(command);
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            // One command's bug must not take the others of this host with it; the text reaches whoever asked.
            return await FailedAsync(command, AgentRefusals.Bug(command, bug));
        }
    }

    private async Task<AgentOutcome> InLaneAsync(RunPair pair, AgentCommand command)
    {
        if (command.Run <= 0) return AgentRefusals.NoRun(command);
        using var pass = await _lanes.EnterAsync(command.Node, _stopping.Token);
        if (pass is null) return AgentRefusals.Busy(command);
        // Before the run is noted: by whose decision the machine runs must stay to be seen.
        if (command is RemoveNode { SparesRunning: true } remove
            && await LookAsync(command.Node) is { Presence: NodePresence.Running } running)
            return AgentRefusals.Runs(remove, running);
        if (await StaleAsync(pair, command) is { } stale) return stale;
        await ActAsync(command);
        if (command is RemoveNode)
            await ledger.RaiseAsync(new RunRecord(command.Node, pair, Removed: true), _stopping.Token);
        return AgentOutcome.Done(await LookAsync(command.Node));
    }

    private Task ActAsync(AgentCommand command)
    {
        var cancel = _stopping.Token;
        return command switch
        {
            PrepareNode prepare => hypervisor.PrepareAsync(prepare.Shape, cancel),
            StartNode start => hypervisor.StartAsync(start.Shape, cancel),
            StopNode stop => hypervisor.StopAsync(stop.Node, TimeSpan.FromSeconds(stop.GraceSeconds), cancel),
            RemoveNode => hypervisor.RemoveAsync(command.Node, cancel),
            ResizeNode resize => hypervisor.ResizeAsync(
                resize.Node,
                new NodeResources(
                    resize.KeepsMemory ? null : resize.MemoryMiB, resize.CpuWeight, resize.CpuQuotaPercent),
                cancel),
            ReceiveMove receive => hypervisor.PrepareIncomingAsync(
                new IncomingMove(receive.Move, receive.Shape, receive.From), cancel),
            _ => throw new InvalidOperationException($"no such command: {command.GetType().Name}"),
        };
    }

    private async Task<AgentOutcome> ReadyAsync(RunPair pair, AwaitReady ask)
    {
        // Begun before the look at the ledger: a later run that is noted after the look ends it.
        using var wait = _waits.Begin(ask.Node, pair, _stopping.Token);
        if (ask.Run > 0 && ledger.Find(ask.Node)?.Pair is { } known && known > pair)
            return AgentRefusals.Stale(ask, known, pair);
        _waits.Supersede(ask.Node, pair);
        var timeout = TimeSpan.FromSeconds(Math.Clamp(ask.TimeoutSeconds, 1, 3600));
        bool ready;
        try
        {
            ready = await probe.AwaitReadyAsync(ask.Environment, ask.Ip, timeout, wait.Token);
        }
        catch (OperationCanceledException) when (wait.Superseded is { } later)
        {
            return AgentRefusals.Stale(ask, later, pair);
        }
        var seen = await LookAsync(ask.Node);
        return ready ? AgentOutcome.Done(seen) : AgentRefusals.NotReady(ask, seen, Said(ask.Node));
    }

    /// <summary>What the guest said last: its log goes when a failed create is undone.</summary>
    private string Said(NodeId node) => LastWords.Of(hypervisor.Console(node, LastWords.Lines * 2));

    private async Task<AgentOutcome> SendAsync(RunPair pair, SendMove send)
    {
        if (send.Run <= 0) return AgentRefusals.NoRun(send);
        if (_moves.Find(send.Node, send.Move) is { } known) return await AttachAsync(pair, send, known);
        using var pass = await _lanes.EnterAsync(send.Node, _stopping.Token);
        if (pass is null) return AgentRefusals.Busy(send);
        if (_moves.Find(send.Node, send.Move) is { } begun) return await AttachAsync(pair, send, begun);
        var before = ledger.Find(send.Node)?.SentMove;
        if (await StaleAsync(pair, send) is { } stale) return stale;
        if (_moves.IsForbidden(send.Move)) return await FailedAsync(send, AgentRefusals.MoveAborted(send));
        if (before == send.Move) return await InterruptedAsync(send);
        var job = _moves.Begin(send.Node, send.Move);
        var outcome = await MoveAsync(send, job);
        // The job has ended before anybody looks: an observation must not show it as active.
        job.End(outcome);
        return await SeenAsync(send, outcome);
    }

    private async Task<AgentOutcome> AttachAsync(RunPair pair, SendMove send, MoveJob job)
    {
        if (await StaleAsync(pair, send) is { } stale) return stale;
        return await SeenAsync(send, await job.Outcome.WaitAsync(_stopping.Token));
    }

    private async Task<AgentOutcome> MoveAsync(SendMove send, MoveJob job)
    {
        try
        {
            var move = new OutgoingMove(send.Move, send.Shape, send.To, send.ToEndpoint, send.BandwidthMiBps);
            var figures = await hypervisor.MoveAsync(move, progress => job.Progress = progress, _stopping.Token);
            return new AgentOutcome { Move = figures };
        }
        catch (HypervisorException failed)
        {
            return new AgentOutcome { Failure = failed.Failure };
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return AgentRefusals.Stopping(send);
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            return new AgentOutcome { Failure = AgentRefusals.Bug(send, bug) };
        }
    }

    /// <summary>
    /// This host began the move and then its agent ended: the streams are gone, so a job that may still be listed is
    /// ended, and what is seen then decides.
    /// </summary>
    private async Task<AgentOutcome> InterruptedAsync(SendMove send)
    {
        await hypervisor.AbortMoveAsync(send.Node, send.Move, _stopping.Token);
        var seen = await LookAsync(send.Node);
        return seen.Presence == NodePresence.Running
            ? AgentRefusals.MoveInterrupted(send, seen)
            : AgentOutcome.Done(seen);
    }

    private async Task<AgentOutcome> AbortAsync(RunPair pair, AbortMove abort)
    {
        if (abort.Run > 0 && await StaleAsync(pair, abort) is { } stale) return stale;
        _moves.Forbid(abort.Move);
        await hypervisor.AbortMoveAsync(abort.Node, abort.Move, _stopping.Token);
        if (_moves.Find(abort.Node, abort.Move) is { } job) await job.Outcome.WaitAsync(_stopping.Token);
        return AgentOutcome.Done(await LookAsync(abort.Node));
    }

    /// <summary>Notes the pair durably; the refusal when a higher one is known.</summary>
    private async Task<AgentOutcome?> StaleAsync(RunPair pair, AgentCommand command)
    {
        var (environment, move) = command switch
        {
            PrepareNode prepare => (prepare.Shape.Environment, null),
            StartNode start => (start.Shape.Environment, null),
            ReceiveMove receive => (receive.Shape.Environment, null),
            SendMove send => (send.Shape.Environment, send.Move),
            _ => ((EnvironmentId?)null, (OperationId?)null),
        };
        var known = await ledger.RaiseAsync(new RunRecord(command.Node, pair, environment, move), _stopping.Token);
        _waits.Supersede(command.Node, known.Pair);
        return known.Pair > pair ? AgentRefusals.Stale(command, known.Pair, pair) : null;
    }

    private async Task<NodeObservation> LookAsync(NodeId node)
    {
        var seen = await hypervisor.ObserveAsync(node, _stopping.Token);
        var known = ledger.Find(node);
        var isKept = seen.Presence != NodePresence.Absent || known is { Removed: false };
        return seen with
        {
            Run = known?.Pair.Run ?? 0,
            Generation = known?.Pair.Generation ?? 0,
            Environment = isKept ? known?.Environment : null,
            ActiveMove = _moves.Running(node)?.Move ?? seen.ActiveMove,
        };
    }

    private Task<AgentOutcome> FailedAsync(AgentCommand command, Failure failure) =>
        SeenAsync(command, new AgentOutcome { Failure = failure });

    /// <summary>The outcome with a look at the node, when one can be had.</summary>
    private async Task<AgentOutcome> SeenAsync(AgentCommand command, AgentOutcome outcome)
    {
        try
        {
            return outcome with { Observation = await LookAsync(command.Node) };
        }
        catch (Exception blind) when (blind is HypervisorException or OperationCanceledException)
        {
            return outcome;
        }
    }
}
