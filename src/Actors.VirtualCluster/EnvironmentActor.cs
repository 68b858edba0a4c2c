using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>The environment as an actor: the only one that says where its nodes run.</summary>
public sealed class EnvironmentActor : IActor<EnvironmentState>
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.Environment;

    /// <inheritdoc/>
    public EnvironmentState Initial(ActorKey self) => new() { Id = EnvironmentId.From(self.Id) };

    /// <inheritdoc/>
    public Decision Decide(EnvironmentState state, object message, in TurnInfo info) =>
        EnvironmentDecider.Decide(state, message, info);

    /// <inheritdoc/>
    public EnvironmentState Evolve(EnvironmentState state, object @event) => EnvironmentEvolve.Evolve(state, @event);
}
