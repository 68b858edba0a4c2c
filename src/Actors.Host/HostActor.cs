using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.Host;

/// <summary>One physical host: the ledger of what it has promised, and the door to its agent.</summary>
public sealed class HostActor : IActor<HostState>
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.Host;

    /// <inheritdoc/>
    public HostState Initial(ActorKey self) => new() { Host = HostId.From(self.Id) };

    /// <inheritdoc/>
    public Decision Decide(HostState state, object message, in TurnInfo info) =>
        HostDecider.Decide(state, message, info);

    /// <inheritdoc/>
    public HostState Evolve(HostState state, object @event) => HostEvolve.Apply(state, @event);
}
