using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.Switch;

/// <summary>One environment's Ethernet: which node has which addresses, and on which host its port is.</summary>
public sealed class NetworkActor : IActor<NetworkState>
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.Network;

    /// <inheritdoc/>
    public NetworkState Initial(ActorKey self) => new() { Environment = EnvironmentId.From(self.Id) };

    /// <inheritdoc/>
    public Decision Decide(NetworkState state, object message, in TurnInfo info) =>
        NetworkDecider.Decide(state, message, info);

    /// <inheritdoc/>
    public NetworkState Evolve(NetworkState state, object @event) => NetworkEvolve.Apply(state, @event);
}
