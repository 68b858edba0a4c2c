namespace VioActors.Simulation;

/// <summary>What a simulated guest wants.</summary>
/// <param name="Cores">CPU, in cores; never more than its virtual CPUs.</param>
/// <param name="MemoryMiB">Memory it could not give up; null is half of what it has.</param>
/// <param name="ReceivedBytesPerSecond">Network, in.</param>
/// <param name="SentBytesPerSecond">Network, out.</param>
public sealed record SimLoad(
    double Cores, double? MemoryMiB = null, double ReceivedBytesPerSecond = 0, double SentBytesPerSecond = 0)
{
    /// <summary>All the CPU there is.</summary>
    public static SimLoad Busy { get; } = new(double.MaxValue);
}

/// <summary>A part of a script.</summary>
/// <param name="Length">How long; of the last phase it means nothing.</param>
/// <param name="Load">What the guest wants then.</param>
public sealed record SimPhase(TimeSpan Length, SimLoad Load);

/// <summary>A guest's wishes over time. Pure.</summary>
internal sealed class SimScript(DateTimeOffset start, IReadOnlyList<SimPhase> phases)
{
    /// <summary>What it wants at a time, and until when that holds.</summary>
    public (SimLoad Load, DateTimeOffset Until) At(DateTimeOffset time)
    {
        var end = start;
        for (var i = 0; i < phases.Count - 1; i++)
        {
            end += phases[i].Length;
            if (time < end) return (phases[i].Load, end);
        }
        return (phases.Count == 0 ? SimLoad.Busy : phases[^1].Load, DateTimeOffset.MaxValue);
    }
}
