namespace VioActors.Actors.Adaptation.Planning;

/// <summary>How much one plan may move.</summary>
/// <param name="MovesPerHost">
/// Moves that begin or end at one host; nodes that must be together and are more go alone.
/// </param>
/// <param name="MovesPerLink">Moves between two sites, each way; an environment that has more goes alone.</param>
public sealed record PlanLimits(int MovesPerHost, int MovesPerLink);
