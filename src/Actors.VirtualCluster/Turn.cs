using System.Diagnostics.CodeAnalysis;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// One decision in the making: collects what the turn does and folds each event at once, so that later parts of the
/// same turn see it. Lives inside one <c>Decide</c> call and never leaves it.
/// </summary>
internal sealed class Turn(EnvironmentState state, TurnInfo info)
{
    /// <summary>The state with all that was recorded so far.</summary>
    public EnvironmentState State { get; private set; } = state;

    /// <summary>Time, turn id and who asked.</summary>
    public TurnInfo Info { get; } = info;

    /// <summary>What the turn does.</summary>
    public Decision Decision { get; private set; } = Decision.Nothing;

    public void Record(object @event)
    {
        Decision = Decision.Record(@event);
        State = EnvironmentEvolve.Evolve(State, @event);
    }

    public void Tell(ActorKey to, object message) => Decision = Decision.Tell(to, message);

    public void Wake(OperationId operation, TimeSpan after) =>
        Wake(operation.Value, after, new LookAgain(operation));

    public void Wake(string name, TimeSpan after, object message) =>
        Decision = Decision.Wake(name, Info.Now + after, message);

    public void Unwake(string name) => Decision = Decision.Unwake(name);

    public void Answer(object reply) => Decision = Decision.Answer(reply);

    /// <summary>The operation as it is now; it must exist.</summary>
    public OperationState Operation(OperationId id) =>
        State.Operation(id) ?? throw new InvalidOperationException($"Operation {id} is not in environment {State.Id}.");

    /// <summary>Gives the node a new run number, with this power.</summary>
    public void Decide(NodeId node, NodePower power)
    {
        var now = State.Nodes[node];
        Record(new NodePowerChanged(node, power, now.Run + 1));
    }

    /// <summary>A failure in words of people: hosts and agents know nodes, and each other, by id only.</summary>
    [return: NotNullIfNotNull(nameof(failure))]
    public Failure? Named(Failure? failure) => failure is null ? null : failure with
    {
        Reason = Named(failure.Reason),
        Remedy = Named(failure.Remedy),
    };

    public ActorKey Site => new(ActorKinds.Site, State.Id.Home.Value);

    public ActorKey Network => new(ActorKinds.Network, State.Id.Value);

    public static ActorKey Host(HostId host) => new(ActorKinds.Host, host.Value);

    private string Named(string text)
    {
        foreach (var node in State.Nodes.Values)
            text = text.Replace(node.Id.Value, node.Spec.Name, StringComparison.Ordinal);
        foreach (var (host, name) in State.HostNames)
            text = text.Replace(host.Value, name, StringComparison.Ordinal);
        return text;
    }
}
