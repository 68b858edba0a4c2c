namespace VioActors.Actors.Adaptation.Vio;

/// <summary>Parameters of the policy <c>vio</c>.</summary>
public sealed record VioOptions
{
    /// <summary>Percentile of use that a node shall be able to have, 0 to 1: more costs room, less service.</summary>
    public double Percentile { get; init; } = 0.9;

    /// <summary>Half-life of samples: shorter follows faster, longer is calmer.</summary>
    public TimeSpan HalfLife { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Added to the percentile, as a part of it; 0 or more.</summary>
    public double Margin { get; init; } = 0.15;

    /// <summary>How long a host must have been full before anything leaves it.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a node stays where it was moved to, whatever happens.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a gain is expected to last: a move must pay for itself in this time.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Service lost by a node that moves, in seconds of standing still.</summary>
    public double MoveCostSeconds { get; init; } = 20;

    /// <summary>Least net gain of a move, in core seconds of service; more than 0.</summary>
    public double LeastGain { get; init; } = 30;
}
