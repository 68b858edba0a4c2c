using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Bench.Place;

/// <summary>Agents whose switches have whatever is wanted of them, at once.</summary>
internal sealed class ObedientSwitches : IEffectHandler
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.SwitchEffect;

    /// <inheritdoc/>
    public Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel) =>
        Task.FromResult<object>(new SwitchAnswered(((SwitchCall)effect.Payload).Wanted.Version, null));
}
