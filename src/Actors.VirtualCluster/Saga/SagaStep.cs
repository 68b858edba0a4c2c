using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster.Saga;

/// <summary>One request of a step: goes to one actor and is answered once under its id.</summary>
/// <param name="Id">Unique in the actor's life: operation, step, direction, attempt, item.</param>
/// <param name="To">Who does it.</param>
/// <param name="Message">What to do; carries the id.</param>
internal sealed record Request(string Id, ActorKey To, object Message);

/// <summary>
/// One step of a saga. <see cref="Do"/> and <see cref="Undo"/> may record events first (a new run number, for
/// example) and return the requests that must all be answered before the step is over. Both can be repeated.
/// </summary>
internal sealed record SagaStep
{
    /// <summary>What people read while it runs.</summary>
    public required string Name { get; init; }

    /// <summary>Goes forward.</summary>
    public required Func<StepTurn, IEnumerable<Request>> Do { get; init; }

    /// <summary>Takes back what <see cref="Do"/> may have done; null when there is nothing to take back.</summary>
    public Func<StepTurn, IEnumerable<Request>>? Undo { get; init; }

    /// <summary>
    /// A step after which there is no way back: when it fails, the operation ends with the reason and can be asked
    /// for again.
    /// </summary>
    public bool NoReturn { get; init; }
}

/// <summary>What a step sees while it begins.</summary>
internal sealed class StepTurn(Turn turn, OperationId operation, string step)
{
    private int _requests;

    public Turn Turn => turn;

    public EnvironmentState State => turn.State;

    public OperationState Operation => turn.Operation(operation);

    /// <summary>The nodes among these ids that still exist.</summary>
    public IEnumerable<NodeState> Existing(IEnumerable<NodeId> ids) =>
        ids.Where(State.Nodes.ContainsKey).Select(id => State.Nodes[id]).ToList();

    /// <summary>One request with the next id of this step.</summary>
    public Request To(ActorKey to, Func<string, object> message)
    {
        var id = new RequestId.OfStep(operation, step, _requests++).ToString();
        return new Request(id, to, message(id));
    }
}
