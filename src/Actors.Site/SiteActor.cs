using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.Site;

/// <summary>One site: its members, users, images, join tokens, directory of names and placement.</summary>
public sealed class SiteActor : IActor<SiteState>
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.Site;

    /// <inheritdoc/>
    public SiteState Initial(ActorKey self) => new();

    /// <inheritdoc/>
    public Decision Decide(SiteState state, object message, in TurnInfo info) =>
        SiteDecider.Decide(state, message, info);

    /// <inheritdoc/>
    public SiteState Evolve(SiteState state, object @event) => SiteEvolve.Apply(state, @event);
}
