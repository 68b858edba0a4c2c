using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// The manager of one site: when rounds are made, what was planned, and what is being carried out. Looking at the site,
/// planning and carrying out are effects; this decides only when.
/// </summary>
public sealed class AdaptationActor : IActor<AdaptationState>
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.Adaptation;

    /// <inheritdoc/>
    public AdaptationState Initial(ActorKey self) => new();

    /// <inheritdoc/>
    public Decision Decide(AdaptationState state, object message, in TurnInfo info) =>
        AdaptationDecider.Decide(state, message, info);

    /// <inheritdoc/>
    public AdaptationState Evolve(AdaptationState state, object @event) => AdaptationEvolve.Apply(state, @event);
}
