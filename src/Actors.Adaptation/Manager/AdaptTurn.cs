using VioActors.Runtime;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// One decision in the making: folds each event at once, so that later parts of the same turn see it. Lives inside one
/// <c>Decide</c> call and never leaves it.
/// </summary>
internal sealed class AdaptTurn(AdaptationState state, TurnInfo info)
{
    /// <summary>The state with all that was recorded so far.</summary>
    internal AdaptationState State { get; private set; } = state;

    /// <summary>Time and who asked.</summary>
    internal TurnInfo Info { get; } = info;

    /// <summary>What the turn does.</summary>
    internal Decision Decision { get; set; } = Decision.Nothing;

    internal void Record(object @event)
    {
        Decision = Decision.Record(@event);
        State = AdaptationEvolve.Apply(State, @event);
    }
}
