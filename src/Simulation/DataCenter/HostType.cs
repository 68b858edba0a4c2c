namespace VioActors.Simulation.DataCenter;

/// <summary>A kind of physical machine of the PlanetLab experiment (Beloglazov and Buyya 2012).</summary>
/// <param name="Name">Its name.</param>
/// <param name="CoreMips">Speed of one core, in MIPS; no machine on it gets more.</param>
/// <param name="Cores">How many cores.</param>
/// <param name="Watts">Power at 0, 10, .. 100 % CPU, by SPECpower.</param>
public sealed record HostType(string Name, double CoreMips, int Cores, IReadOnlyList<double> Watts)
{
    /// <summary>HP ProLiant ML110 G4 (Xeon 3040).</summary>
    public static HostType G4 { get; } =
        new("ML110 G4", 1860, 2, [86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117]);

    /// <summary>HP ProLiant ML110 G5 (Xeon 3075).</summary>
    public static HostType G5 { get; } =
        new("ML110 G5", 2660, 2, [93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135]);

    /// <summary>All cores together, in MIPS.</summary>
    public double Mips => CoreMips * Cores;

    /// <summary>Memory, in MB; it counts when a machine is first placed, as in the experiment.</summary>
    public static double MemoryMegabytes => 4096;

    /// <summary>Links into a host carry this many machines of 100 Mbit/s when they are first placed.</summary>
    public static int MachinesPerLink => 10;

    /// <summary>Power in watts at a share of CPU of 0 to 1, linear between the measured points.</summary>
    public double Power(double share)
    {
        if (!(share >= 0 && share <= 1 + 1e-9))
            throw new ArgumentOutOfRangeException(nameof(share), share, "0 to 1 is a share of a host.");
        if (share >= 1) return Watts[10];
        var below = (int)Math.Floor(share * 10);
        if (share % 0.1 == 0) return Watts[(int)(share * 10)];
        // In this order of operations: hosts of one type often tie, and then the last bit decides where machines go.
        var above = (int)Math.Ceiling(share * 10);
        return Watts[below] + (Watts[above] - Watts[below]) / 10 * (share - (double)below / 10) * 100;
    }
}
