using System.Collections.Immutable;

namespace VioActors.Simulation.World;

/// <summary>An environment of equal nodes and what runs in it.</summary>
/// <param name="Name">A well-formed id, for example <c>v1</c>.</param>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Vcpus">Virtual CPUs of a node: the most it can get, in cores; more than 0.</param>
/// <param name="MemoryMiB">Memory of a node, in MiB.</param>
public abstract record LoadSetup(string Name, int Nodes, double Vcpus, long MemoryMiB)
{
    /// <summary>Index of the site where it starts; null: where the least is booked.</summary>
    public int? Site { get; init; }

    /// <summary>When it starts.</summary>
    public TimeSpan Start { get; init; }

    /// <summary>Part of its memory that a guest uses, 0 to 1; less than its balloon leaves makes it swap.</summary>
    public double MemoryUse { get; init; } = 0.6;

    /// <summary>Memory that a busy node writes anew, in MiB per second and core used; 0 or more.</summary>
    public double DirtyMiBPerSecond { get; init; } = 20;

    /// <summary>The part of its memory that it writes again and again (Clark's writable working set), 0 to 1.</summary>
    public double WorkingSet { get; init; } = 0.1;

    /// <summary>Whether its nodes must be on different hosts.</summary>
    public bool Apart { get; init; }
}

/// <summary>
/// A parallel application: in every phase each node does the same work and all wait for the slowest, spinning as MPI
/// programs do. It ends.
/// </summary>
/// <param name="Name">A well-formed id.</param>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Vcpus">Virtual CPUs of a node.</param>
/// <param name="MemoryMiB">Memory of a node, in MiB.</param>
/// <param name="Phases">What it does, in order.</param>
public sealed record PhasedSetup(
    string Name, int Nodes, double Vcpus, long MemoryMiB, ImmutableArray<PhaseSetup> Phases)
    : LoadSetup(Name, Nodes, Vcpus, MemoryMiB)
{
    /// <summary>How often it saves its progress; null: only at the end of each phase.</summary>
    public TimeSpan? Checkpoint { get; init; }
}

/// <summary>A part of an application.</summary>
/// <param name="WorkPerNode">Work of each node, in core seconds; more than 0.</param>
/// <param name="CpuDemand">CPU that a node can use, in cores; more than 0.</param>
public sealed record PhaseSetup(double WorkPerNode, double CpuDemand);

/// <summary>
/// A service with an open load: requests come whether or not earlier ones are done, are spread over its nodes, and are
/// lost where a node has no CPU for them.
/// </summary>
/// <param name="Name">A well-formed id.</param>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Vcpus">Virtual CPUs of a node.</param>
/// <param name="MemoryMiB">Memory of a node, in MiB.</param>
/// <param name="RequestsPerSecond">Mean over a day, of all nodes together.</param>
/// <param name="CpuSecondsPerRequest">CPU of a request, in core seconds; more than 0.</param>
public sealed record ServiceSetup(
    string Name, int Nodes, double Vcpus, long MemoryMiB, double RequestsPerSecond, double CpuSecondsPerRequest)
    : LoadSetup(Name, Nodes, Vcpus, MemoryMiB)
{
    /// <summary>How far the load of a day rises and falls about its mean (a cosine), as a part of it, 0 to 1.</summary>
    public double DailySwing { get; init; }

    /// <summary>When in the day the load is highest.</summary>
    public TimeSpan DailyPeak { get; init; } = TimeSpan.FromHours(14);

    /// <summary>Deviation of each node's load in each step, as a part of it, 0 to 1; uniform.</summary>
    public double Noise { get; init; }

    /// <summary>Bursts; null: none.</summary>
    public BurstSetup? Bursts { get; init; }
}

/// <summary>Times of more load.</summary>
/// <param name="Every">Mean time between two, drawn exponentially.</param>
/// <param name="Lasts">How long one is.</param>
/// <param name="Times">The load is so many times as high; more than 1.</param>
public sealed record BurstSetup(TimeSpan Every, TimeSpan Lasts, double Times);

/// <summary>Nodes that use what recorded machines used; after their day it begins again.</summary>
/// <param name="Name">A well-formed id.</param>
/// <param name="Vcpus">Virtual CPUs of a node: what a trace's 100 % are.</param>
/// <param name="MemoryMiB">Memory of a node, in MiB: what 100 % memory is.</param>
/// <param name="Cpu">For each node its CPU use, shares of 0 to 1, one each 300 s.</param>
public sealed record TraceSetup(
    string Name, double Vcpus, long MemoryMiB, ImmutableArray<DataCenter.CpuTrace> Cpu)
    : LoadSetup(Name, Cpu.Length, Vcpus, MemoryMiB)
{
    /// <summary>For each node its memory use; empty: unknown, <see cref="LoadSetup.MemoryUse"/> counts.</summary>
    public ImmutableArray<DataCenter.CpuTrace> Memory { get; init; } = [];
}
