using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>Parameters of the policy <c>vio</c>; <see cref="VioParameters"/> has their names and ranges.</summary>
public sealed record VioOptions
{
    /// <summary>Percentile of use that a node shall be able to have, 0 to 1: more costs room, less service.</summary>
    public double Percentile { get; init; } = 0.9;

    /// <summary>Half-life of samples: shorter follows faster, longer is calmer.</summary>
    public TimeSpan HalfLife { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Added to the forecast of CPU, as a part of it; 0 or more.</summary>
    public double Margin { get; init; } = 0.15;

    /// <summary>Added to the peak of memory, as a part of it; 0 or more.</summary>
    public double MemoryMargin { get; init; } = 0.15;

    /// <summary>A load that stayed below the percentile so long counts as what it is now, with its peak.</summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a host must have been full before anything leaves it. Local changes never wait.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a node stays where it was moved to, unless its host is being emptied.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a gain is expected to last: a move must pay for itself in this time.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Service lost by a node that moves, in seconds of standing still.</summary>
    public double MoveCostSeconds { get; init; } = 20;

    /// <summary>Least net gain of a move, in core seconds of service; more than 0.</summary>
    public double LeastGain { get; init; } = 30;

    /// <summary>Least part of the loss on the hosts in question that a move must take away, 0 to 1.</summary>
    public double LeastImprovement { get; init; } = 0.1;

    /// <summary>
    /// How much an environment is as fast as its slowest node, 0 (nodes work each for itself) to 1 (all wait for the
    /// slowest).
    /// </summary>
    public double Coupling { get; init; } = 0.25;

    /// <summary>
    /// The part of the share it is entitled to (by virtual CPUs) that a node keeps on a full host, when the rest helps
    /// an environment more that waits for its nodes there; 1: all of it.
    /// </summary>
    public double LeastShare { get; init; } = 0.5;

    /// <summary>Change of a weight, limit or balloon below which it stays as it is, as a part of it.</summary>
    public double LeastChange { get; init; } = 0.2;

    /// <summary>The least memory a guest keeps when its balloon grows, in MiB.</summary>
    public int LeastGuestMiB { get; init; } = 128;

    /// <summary>Moves that begin or end at one host in one plan, at most.</summary>
    public int MovesPerHost { get; init; } = 4;

    /// <summary>
    /// Moves between two sites in one plan, at most; one environment that has more nodes goes alone.
    /// </summary>
    public int MovesPerLink { get; init; } = 32;

    /// <summary>Whether nodes are packed on few hosts, so that others can sleep.</summary>
    public bool PowerSaving { get; init; }

    /// <summary>Power mode: a host whose expected use is above this gives nodes away, a part of its CPU.</summary>
    public double Crowded { get; init; } = 0.9;

    /// <summary>Power mode: it gives nodes away until it is below this.</summary>
    public double Relieved { get; init; } = 0.8;

    /// <summary>Power mode: the most a host is filled to by nodes that flee from a full one.</summary>
    public double Filled { get; init; } = 0.72;

    /// <summary>Power mode: the most a host is filled to when another is emptied.</summary>
    public double Packed { get; init; } = 0.65;

    /// <summary>Power mode: the most nodes that one plan moves to empty hosts.</summary>
    public int MostToEmpty { get; init; } = 12;

    /// <summary>Power mode: empty hosts that stay awake in each site, for what comes.</summary>
    public int SpareHosts { get; init; } = 1;

    /// <summary>The limits, as the plan checker takes them.</summary>
    public PlanLimits Limits => new(MovesPerHost, MovesPerLink);
}
