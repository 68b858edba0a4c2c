using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Prediction;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Model;

/// <summary>What one planning round sees. Immutable: a plan names the version it was made on.</summary>
/// <param name="Version">Rises with every change; an executor refuses a plan of another version.</param>
/// <param name="At">When it was taken.</param>
/// <param name="Sites">All sites (the dissertation's host domains), each with its hosts.</param>
/// <param name="Environments">All environments with their nodes.</param>
public sealed record Inventory(
    long Version, DateTimeOffset At, ImmutableArray<SiteInventory> Sites,
    ImmutableArray<EnvironmentInventory> Environments);

/// <summary>A site: hosts that are near each other. An environment's free nodes are all in one site.</summary>
/// <param name="Id">The site.</param>
/// <param name="Hosts">Its hosts.</param>
public sealed record SiteInventory(SiteId Id, ImmutableArray<HostInventory> Hosts);

/// <summary>A physical host.</summary>
/// <param name="Id">The host.</param>
/// <param name="CpuCores">CPU it can give, in cores; more than 0.</param>
/// <param name="MemoryMiB">Memory it can promise to nodes, in MiB.</param>
public sealed record HostInventory(HostId Id, double CpuCores, long MemoryMiB)
{
    /// <summary>Whether it takes no new nodes: it is being emptied, or sleeps.</summary>
    public bool Closed { get; init; }

    /// <summary>Whether it sleeps: nothing runs on it, and nothing can before it is woken.</summary>
    public bool Asleep { get; init; }

    /// <summary>Power in full use, in watts; 0: not known. In power mode more cores per watt fill first.</summary>
    public double FullWatts { get; init; }
}

/// <summary>An environment.</summary>
/// <param name="Id">The environment.</param>
/// <param name="Nodes">Its nodes.</param>
public sealed record EnvironmentInventory(EnvironmentId Id, ImmutableArray<NodeInventory> Nodes);

/// <summary>A node and what was seen of it.</summary>
/// <param name="Id">The node.</param>
/// <param name="Host">Where it runs.</param>
/// <param name="CpuCores">CPU it was given, in cores; more than 0.</param>
/// <param name="MemoryMiB">Memory promised to it, in MiB, with the emulator's overhead.</param>
/// <param name="Samples">Its history; empty for a node nobody has seen yet.</param>
public sealed record NodeInventory(NodeId Id, HostId Host, double CpuCores, long MemoryMiB, SampleHistory Samples)
{
    /// <summary>Cores it can use at most (its virtual CPUs).</summary>
    public double Vcpus { get; init; } = 1;

    /// <summary>Memory the guest has now (its balloon's size), in MiB; null: nobody may change it.</summary>
    public int? GuestMiB { get; init; }

    /// <summary>Memory its owner asked for, in MiB: the most the balloon can give.</summary>
    public int FullMiB { get; init; }

    /// <summary>Hard CPU limit in force, in percent of one core; null: none.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>CPU weight in force, 1 to 10000; 100 is normal.</summary>
    public int CpuWeight { get; init; } = 100;

    /// <summary>
    /// What it wants at each hour of the day; null before two days were seen. By default that of its samples: a kept
    /// inventory, which has only the newest of them, holds it here.
    /// </summary>
    public DayProfile? Day
    {
        get => field ?? (Samples.Day.Hours >= DayProfile.LeastHours ? Samples.Day : null);
        init;
    }

    /// <summary>
    /// Peak of the memory used in the last hour, in MiB. By default that of its samples; a kept inventory, which has
    /// only the newest of them, holds it here.
    /// </summary>
    public double? MemoryPeakMiB
    {
        get => field ?? Samples.Memory.Peak;
        init;
    }

    /// <summary>Whether it stays on its host whatever happens, as the dissertation's head nodes do.</summary>
    public bool Pinned { get; init; }

    /// <summary>When it last changed its host; null: never, or long ago.</summary>
    public DateTimeOffset? LastMoved { get; init; }

    /// <summary>Nodes of one environment with the same mark share a host; null: no wish.</summary>
    public string? Together { get; init; }

    /// <summary>Nodes of one environment with the same mark never share a host; null: no wish.</summary>
    public string? Apart { get; init; }
}
