using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.Switch;

/// <summary>One host's switch: brings the newest wanted state of all environments there, whatever it takes.</summary>
public sealed class SwitchActor : IActor<SwitchState>
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.Switch;

    /// <inheritdoc/>
    public SwitchState Initial(ActorKey self) => new() { Host = HostId.From(self.Id) };

    /// <inheritdoc/>
    public Decision Decide(SwitchState state, object message, in TurnInfo info) =>
        SwitchDecider.Decide(state, message, info);

    /// <inheritdoc/>
    public SwitchState Evolve(SwitchState state, object @event) => SwitchEvolve.Apply(state, @event);
}
