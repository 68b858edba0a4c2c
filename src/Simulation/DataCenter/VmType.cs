namespace VioActors.Simulation.DataCenter;

/// <summary>A kind of virtual machine, one core each.</summary>
/// <param name="Mips">What it asks for at 100 %.</param>
/// <param name="MemoryMegabytes">Its memory: how long it takes to move.</param>
public sealed record VmType(double Mips, double MemoryMegabytes)
{
    // Half of a link of 1 Gbit/s is for moves.
    private const double MoveMegabytesPerSecond = 62.5;

    /// <summary>The kinds of the experiment, in its order.</summary>
    public static IReadOnlyList<VmType> All { get; } =
        [new(2500, 870), new(2000, 1740), new(1000, 1740), new(500, 613)];

    /// <summary>Seconds one move takes.</summary>
    public double MoveSeconds => MemoryMegabytes / MoveMegabytesPerSecond;

    /// <summary>The kind of machine <paramref name="index"/> of <paramref name="count"/>: four blocks.</summary>
    public static VmType Of(int index, int count) => All[index / ((count + All.Count - 1) / All.Count)];
}
