namespace VioActors.Simulation.Cluster;

/// <summary>
/// A server's own clock: its timers stand still while it is frozen, and its wall clock may be set wrong.
/// </summary>
internal sealed class GatedTime(TimeProvider time, Gate gate) : TimeProvider
{
    /// <summary>How far its wall clock is off.</summary>
    public TimeSpan Skew { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => time.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() => time.GetTimestamp();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Skew;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(passed => gate.Pass(() => callback(passed)), state, dueTime, period);
}
