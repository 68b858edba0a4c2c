namespace VioActors.Actors.Adaptation.Planning;

/// <summary>How much one plan may move.</summary>
/// <param name="MovesPerHost">
/// Moves that begin or end at one host; nodes that must be together and are more go alone.
/// </param>
/// <param name="MovesPerLink">Moves between two sites, each way; one environment that has more nodes goes alone.</param>
public sealed record PlanLimits(int MovesPerHost, int MovesPerLink);
