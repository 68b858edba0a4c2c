namespace VioActors.Contracts.Agents;

/// <summary>All that a host needs to run one node; equal on both hosts of a move.</summary>
public sealed record NodeShape
{
    /// <summary>The node; also the UUID of its domain.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The environment it belongs to.</summary>
    public required EnvironmentId Environment { get; init; }

    /// <summary>Its name in that environment; for people and the guest's host name.</summary>
    public required string Name { get; init; }

    /// <summary>Most memory the guest can have, MiB; fixed while it runs.</summary>
    public required int MaxMemoryMiB { get; init; }

    /// <summary>Memory it has now through its balloon, MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public required int Vcpus { get; init; }

    /// <summary>Share of a busy host, 1 to 10000.</summary>
    public required int CpuWeight { get; init; }

    /// <summary>Hard limit in percent of one core; null is none.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>What it boots.</summary>
    public required ImageDefinition Image { get; init; }

    /// <summary>Machine type it was first started with; a move needs a host that has it.</summary>
    public required string MachineType { get; init; }

    /// <summary>CPU model it was first started with; a move needs a host that has it.</summary>
    public required string CpuModel { get; init; }

    /// <summary>Its MAC address, lower case with colons.</summary>
    public required string Mac { get; init; }

    /// <summary>The whole kernel command line.</summary>
    public required string CommandLine { get; init; }
}
