using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster.Saga;

/// <summary>
/// Runs any saga: a step forward until one fails, then back from that step to the first. The failed step is undone
/// too, because some of its requests may have worked. All memory is in <see cref="OperationState"/>.
/// </summary>
internal static class SagaEngine
{
    /// <summary>How often an undo is begun before its nodes are left to a later delete.</summary>
    public const int UndoAttempts = 5;

    /// <summary>How often a saga chooses hosts anew when a booking was refused meanwhile.</summary>
    public const int Rounds = 3;

    /// <summary>A booking lost a race: the host filled up between the proposal and the booking.</summary>
    private const string LostRace = "booking-refused";

    public static void Begin(Turn turn, OperationId id) => Go(turn, id, step: 0, undo: false, round: 1, attempt: 1);

    /// <summary>Takes the answer to one request of the current step.</summary>
    public static void Answered(Turn turn, OperationId id, string requestId, Failure? failure)
    {
        turn.Record(new StepAnswered(id, requestId, turn.Named(failure)));
        var op = turn.Operation(id);
        if (!op.Awaiting.IsEmpty) return;
        var undoing = op.Phase == OperationPhase.Undoing;
        if (op.StepFailure is null)
            Go(turn, id, undoing ? op.Step - 1 : op.Step + 1, undoing, op.Round, attempt: 1);
        else if (undoing)
            UndoFailed(turn, op);
        else
            StepFailed(turn, op, op.StepFailure);
    }

    /// <summary>A user wants the end: the current step's open requests count as failed, and the saga turns.</summary>
    public static void Cancel(Turn turn, OperationState op)
    {
        foreach (var request in op.Awaiting)
            turn.Record(new StepAnswered(op.Id, request, EnvironmentRefusals.CancelledBy(turn.Info.Principal)));
        StepFailed(turn, turn.Operation(op.Id), EnvironmentRefusals.CancelledBy(turn.Info.Principal));
    }

    /// <summary>Whether a user may still end the operation.</summary>
    public static bool MayCancel(OperationState op) =>
        op.Phase == OperationPhase.Running && !Sagas.Steps(op.Kind)[op.Step].NoReturn;

    /// <summary>Begins the current undo again, after its pause.</summary>
    public static void Retry(Turn turn, OperationState op)
    {
        if (op.Phase == OperationPhase.Undoing && op.Awaiting.IsEmpty)
            Go(turn, op.Id, op.Step, undo: true, op.Round, op.Attempt + 1);
    }

    private static void Go(Turn turn, OperationId id, int step, bool undo, int round, int attempt)
    {
        var steps = Sagas.Steps(turn.Operation(id).Kind);
        for (; step >= 0 && step < steps.Length; step += undo ? -1 : 1, attempt = 1)
        {
            var begin = undo ? steps[step].Undo : steps[step].Do;
            var direction = undo ? 'u' : 'd';
            var requests = begin?.Invoke(new StepTurn(turn, id, $"{round}.{step}{direction}{attempt}"))
                .ToList() ?? [];
            turn.Record(new StepBegan(id, step, undo, round, attempt, [.. requests.Select(request => request.Id)]));
            foreach (var request in requests) turn.Tell(request.To, request.Message);
            if (requests.Count > 0) return;
        }

        if (undo) Undone(turn, turn.Operation(id));
        else SagaEnds.Done(turn, turn.Operation(id));
    }

    private static void StepFailed(Turn turn, OperationState op, Failure why)
    {
        var step = Sagas.Steps(op.Kind)[op.Step];
        if (step.NoReturn)
        {
            SagaEnds.Failed(turn, op, why);
            return;
        }

        if (step == ProvisionSteps.Book && why.Code == FailureCode.NoCapacity && op.Round < Rounds)
            why = why with { Code = LostRace };
        turn.Record(new OperationTurned(op.Id, why));
        Go(turn, op.Id, op.Step, undo: true, op.Round, attempt: 1);
    }

    /// <summary>
    /// A host that cannot be asked will not answer sooner for being asked again here: its nodes are unknown by now,
    /// and the rest of the undo leaves them alone. Everything else is tried again, with growing pauses; nodes whose
    /// host says no to the last are unknown as well.
    /// </summary>
    private static void UndoFailed(Turn turn, OperationState op)
    {
        if (op.StepFailure!.Code != FailureCode.HostUnreachable && op.Attempt < UndoAttempts)
        {
            turn.Wake(op.Id, TimeSpan.FromSeconds(1 << op.Attempt));
            return;
        }

        SagaEnds.MarkUnknown(turn, op);
        Go(turn, op.Id, op.Step - 1, undo: true, op.Round, attempt: 1);
    }

    private static void Undone(Turn turn, OperationState op)
    {
        if (op.Failure?.Code == LostRace && !op.CancelAsked)
            Go(turn, op.Id, step: 0, undo: false, op.Round + 1, attempt: 1);
        else
            SagaEnds.Undone(turn, op);
    }
}
