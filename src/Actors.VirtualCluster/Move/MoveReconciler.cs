using System.Collections.Immutable;
using VioActors.Actors.VirtualCluster.Saga;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster.Move;

/// <summary>
/// The move of one node: prepare, copy, then observe both hosts until exactly one runs it, then clean the other.
/// Before the copy starts it can be undone; after that only what is observed counts. README.md has the diagram.
/// </summary>
internal static class MoveReconciler
{
    /// <summary>
    /// Looks without a verdict before the operation ends and the node is called unknown; and tries to clean up,
    /// together with the looks, before that is left to the host's next hello.
    /// </summary>
    public const int MaxLooks = 60;

    private static readonly TimeSpan LookPause = TimeSpan.FromSeconds(1);

    public static Decision Begin(Turn turn, NodeState node, MoveNode ask)
    {
        if (node.Power != NodePower.Ready) return EnvironmentRefusals.NotRunning(node, "moved");
        if (ask.To == node.Host) return EnvironmentRefusals.SameHost(turn.State, node);
        // The site's own manager moves all of those that are together, one after the other.
        var mayPart = Principal.Parse(turn.Info.Principal).Role == Role.System;
        if (ask.To is { } to && Marks.Against(turn.State, node, to, mayPart) is { } other)
            return EnvironmentRefusals.Marked(node, other);
        var id = OperationId.Of(turn.Info.DeriveId("operation"));
        turn.Record(new OperationStarted(id, OperationKind.Move, [node.Id], turn.Info.Principal, turn.Info.Now));
        turn.Record(new MoveBegan(id, node.Id, node.Host!.Value, ask.To, node.Run + 1, ask.BandwidthMiBps));
        turn.Answer(new OperationAccepted(id));
        Enter(turn, id, ask.To is null ? MovePhase.Choosing : MovePhase.Booking);
        return turn.Decision;
    }

    /// <summary>The target has the room; returns why the node cannot run there all the same.</summary>
    public static Failure? Booked(Turn turn, OperationState op, HostFacts target)
    {
        turn.Record(new MoveBooked(op.Id, target.MoveEndpoint));
        var node = turn.State.Nodes[op.Move!.Node];
        var (what, wanted, has) =
            !target.MachineTypes.Contains(node.MachineType!) ? ("machine type", node.MachineType, target.MachineTypes)
            : !target.CpuModels.Contains(node.CpuModel!) ? ("CPU model", node.CpuModel, target.CpuModels)
            : ("", "", []);
        return what.Length == 0 ? null : new Failure(
            "incompatible-host",
            $"Node {node.Spec.Name} runs with {what} {wanted}, and host {target.Name} has "
                + $"{string.Join(", ", has.Take(5))}.",
            "Choose a host with the same hypervisor version, or start the node anew there.");
    }

    /// <summary>Keeps what an agent's answer says beyond success or failure.</summary>
    public static void Commanded(Turn turn, OperationState op, CommandAnswer answer)
    {
        if (op.Move!.Phase == MovePhase.Copying)
            turn.Record(new MoveJobEnded(op.Id, turn.Named(answer.Outcome.Failure), answer.Outcome.Move));
        else if (op.Move.Phase == MovePhase.Observing)
            turn.Record(new MoveObserved(
                op.Id, answer.Host, answer.Outcome.Failure is null ? answer.Outcome.Observation : null));
    }

    public static void Answered(Turn turn, OperationId id, string requestId, Failure? failure)
    {
        turn.Record(new StepAnswered(id, requestId, turn.Named(failure)));
        var op = turn.Operation(id);
        if (!op.Awaiting.IsEmpty) return;
        switch (op.Move!.Phase)
        {
            // A copy of the store that was put back may know less than the hosts.
            case MovePhase.Preparing when op.StepFailure?.Code == FailureCode.AlreadyHere:
                Enter(turn, id, MovePhase.Observing);
                break;
            case MovePhase.Choosing or MovePhase.Booking or MovePhase.Preparing when op.StepFailure is not null:
                turn.Record(new OperationTurned(id, op.StepFailure));
                Enter(turn, id, MovePhase.SettlingHere);
                break;
            case MovePhase.Observing:
                Judge(turn, op);
                break;
            case MovePhase.SettlingThere or MovePhase.SettlingHere when op.StepFailure is null:
                Enter(turn, id, MovePhase.Freeing);
                break;
            case MovePhase.SettlingThere or MovePhase.SettlingHere when op.StepFailure!.Code == FailureCode.StillRuns:
                End(turn, op);
                Strays.Found(
                    turn, op.Move.Phase == MovePhase.SettlingThere ? op.Move.From : op.Move.To!.Value,
                    turn.State.Nodes[op.Move.Node]);
                break;
            case MovePhase.SettlingThere or MovePhase.SettlingHere
                when op.StepFailure!.Code != FailureCode.HostUnreachable && op.Move.Looks < MaxLooks:
                turn.Wake(id, LookPause);
                break;
            case MovePhase.SettlingThere or MovePhase.SettlingHere or MovePhase.Freeing:
                End(turn, op);
                break;
            default:
                Enter(turn, id, op.Move.Phase + 1);
                break;
        }
    }

    /// <summary>Asks both hosts again, after the pause of an unclear look or of a clean-up that failed.</summary>
    public static void Look(Turn turn, OperationState op)
    {
        var phase = op.Move!.Phase;
        if (!op.Awaiting.IsEmpty || phase is not (>= MovePhase.Observing and < MovePhase.Freeing)) return;
        if (phase != MovePhase.Observing) turn.Record(new MoveLooked(op.Id));
        Enter(turn, op.Id, phase);
    }

    public static bool MayCancel(OperationState op) => op.Move!.Phase <= MovePhase.Copying;

    /// <summary>
    /// Before the copy: undo at once. During it: ask the source to stop its job; how that ended is observed as ever.
    /// </summary>
    public static void Cancel(Turn turn, OperationState op)
    {
        var move = op.Move!;
        if (move.Phase == MovePhase.Copying)
        {
            var run = turn.State.Nodes[move.Node].Run;
            turn.Tell(Turn.Host(move.From), new HostCommand(
                new RequestId.OfStep(op.Id, "abort", 0).ToString(), turn.State.Id,
                new AbortMove { Node = move.Node, Run = run, Move = op.Id }));
            return;
        }

        turn.Record(new OperationTurned(op.Id, EnvironmentRefusals.CancelledBy(turn.Info.Principal)));
        Enter(turn, op.Id, MovePhase.SettlingHere);
    }

    private static void Enter(Turn turn, OperationId id, MovePhase phase)
    {
        var op = turn.Operation(id);
        if (phase == MovePhase.Observing) turn.Record(new MoveLooked(id));
        if (phase is MovePhase.SettlingHere or MovePhase.SettlingThere)
        {
            var node = turn.State.Nodes[op.Move!.Node];
            turn.Record(new NodePowerChanged(node.Id, node.Power, node.Run + 1, node.Why));
        }
        op = turn.Operation(id);
        var requests = MoveRequests.Of(turn.State, op, phase);
        turn.Record(new MoveAdvanced(id, phase, [.. requests.Select(request => request.Id)]));
        foreach (var request in requests) turn.Tell(request.To, request.Message);
        if (requests.IsEmpty) End(turn, turn.Operation(id));
    }

    private static void Judge(Turn turn, OperationState op)
    {
        var move = op.Move!;
        var source = Seen(turn, move.From, move.AtSource, move.Node);
        var target = Seen(turn, move.To!.Value, move.AtTarget, move.Node);
        switch (MoveTruth.Of(source, target))
        {
            case MoveVerdict.There:
                turn.Record(new NodeMoved(op.Id, move.Node, move.To!.Value));
                Enter(turn, op.Id, MovePhase.SettlingThere);
                break;
            case MoveVerdict.Here:
                turn.Record(new OperationTurned(op.Id, move.JobFailure ?? new Failure(
                    "move-failed", "The hypervisor's job ended and the node still runs where it was.",
                    "Move it again.")));
                Enter(turn, op.Id, MovePhase.SettlingHere);
                break;
            case MoveVerdict.Gone:
                var ended = new Failure(
                    "machine-ended", "The machine ended during its move; neither host runs it.",
                    "Read its log with `vio node logs`, then start it with `vio node start`.");
                turn.Record(new NodePowerChanged(move.Node, NodePower.Off, turn.State.Nodes[move.Node].Run, ended));
                turn.Record(new OperationTurned(op.Id, ended));
                Enter(turn, op.Id, MovePhase.SettlingHere);
                break;
            default:
                if (move.Looks < MaxLooks)
                    turn.Wake(op.Id, LookPause);
                else
                    GiveUp(turn, op, new Failure(
                        FailureCode.HostUnreachable,
                        $"After {MaxLooks} looks it is not clear whether host {turn.State.ShownName(move.From)} or "
                            + $"{turn.State.ShownName(move.To!.Value)} runs the node.",
                        "Bring both hosts back; or declare the dead one off with `vio host fenced NAME --yes`."));
                break;
        }
    }

    /// <summary>A host that was declared off runs nothing.</summary>
    private static NodeObservation? Seen(Turn turn, HostId host, NodeObservation? seen, NodeId node) =>
        turn.State.HostsOff.Contains(host) ? new NodeObservation { Node = node, Presence = NodePresence.Absent } : seen;

    private static void GiveUp(Turn turn, OperationState op, Failure why)
    {
        var node = turn.State.Nodes[op.Move!.Node];
        turn.Record(new NodePowerChanged(node.Id, NodePower.Unknown, node.Run + 1, why));
        turn.Record(new OperationEnded(op.Id, OperationPhase.Failed, why, turn.Info.Now));
    }

    /// <summary>
    /// The move is over. A host that could not be cleaned keeps its booking and is cleaned when it returns
    /// (<see cref="HostNotices"/>): it holds a lower run, so nothing it kept can start.
    /// </summary>
    private static void End(Turn turn, OperationState op)
    {
        var there = turn.State.Nodes[op.Move!.Node].Host == op.Move.To;
        var phase = there ? OperationPhase.Done : op.CancelAsked ? OperationPhase.Cancelled : OperationPhase.Failed;
        turn.Record(new OperationEnded(op.Id, phase, there ? null : op.Failure, turn.Info.Now));
    }
}
