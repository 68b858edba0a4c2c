namespace VioActors.Actors.Adaptation.Model;

/// <summary>One measurement of one node, folded over the time since the one before.</summary>
/// <param name="At">End of the measured time.</param>
/// <param name="CpuUsedCores">CPU used, in cores (mean).</param>
/// <param name="CpuGivenCores">CPU the node was given then, in cores; more than 0.</param>
/// <param name="MemoryUsedMiB">Memory in use inside the guest, in MiB (peak); null: it does not say.</param>
public sealed record Sample(DateTimeOffset At, double CpuUsedCores, double CpuGivenCores, double? MemoryUsedMiB)
{
    /// <summary>
    /// The part of what was given that was used, 0 to 1. Clocks of host and guest differ a little, so that a busy node
    /// may measure slightly more than all.
    /// </summary>
    public double Utilization => Math.Min(1, CpuUsedCores / CpuGivenCores);

    /// <summary>CPU wanted but not given, in cores (mean); 0 where nobody measures it.</summary>
    public double CpuWaitedCores { get; init; }

    /// <summary>
    /// Whether waiting was measured: then 0 says that it got all it wanted, and a full host is no sign of a shortage.
    /// </summary>
    public bool WaitMeasured { get; init; }

    /// <summary>Highest CPU use within the measured time, in cores; 0 where nobody measures it.</summary>
    public double CpuPeakCores { get; init; }
}
