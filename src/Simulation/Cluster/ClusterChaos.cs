namespace VioActors.Simulation.Cluster;

/// <summary>Which faults happen, drawn from the seed and counted. While it is off none does.</summary>
internal sealed class ClusterChaos(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Whether faults happen at all.</summary>
    public bool On { get; set; } = true;

    /// <summary>Chance of each kind of harm to one call between servers.</summary>
    public double LinkLoss { get; init; } = 0.05;

    /// <summary>Chance of each kind of harm to one commit.</summary>
    public double CommitLoss { get; init; } = 0.02;

    /// <summary>Chance that another call of the store fails, or waits long for a lock.</summary>
    public double StoreTrouble { get; init; } = 0.02;

    /// <summary>Chance that work outside fails, so that the actor must begin it again.</summary>
    public double WorkFailure { get; init; } = 0.1;

    /// <summary>Whether clocks are set wrong: where they are not, no alarm rings early.</summary>
    public bool SetsClocks { get; } = seed % 3 != 0;

    /// <summary>Every call of the store fails now.</summary>
    public bool IsStoreAway { get; set; }

    /// <summary>Faults by kind.</summary>
    public SortedDictionary<string, int> Happened { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether this fault happens now.</summary>
    public bool Draw(string fault, double chance)
    {
        // Drawn in any case, so that switching faults off does not change what is drawn afterwards.
        if (_random.NextDouble() >= chance || !On) return false;
        Note(fault);
        return true;
    }

    /// <summary>Counts a fault.</summary>
    public void Note(string fault) => Happened[fault] = Happened.GetValueOrDefault(fault) + 1;

    /// <summary>A whole number below a limit.</summary>
    public int Below(int limit) => _random.Next(limit);

    /// <summary>A time in this range.</summary>
    public TimeSpan Between(TimeSpan from, TimeSpan to) => from + ((to - from) * _random.NextDouble());
}
