using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster;

/// <summary>One node as its environment knows it.</summary>
public sealed record NodeState
{
    /// <summary>Its id.</summary>
    public required NodeId Id { get; init; }

    /// <summary>What its owner wrote.</summary>
    public required NodeSpec Spec { get; init; }

    /// <summary>What it boots.</summary>
    public required ImageDefinition Image { get; init; }

    /// <summary>Its MAC address, for life.</summary>
    public required string Mac { get; init; }

    /// <summary>Its IPv4 address, for life.</summary>
    public required string Ip { get; init; }

    /// <summary>The host it belongs on; null while it has none.</summary>
    public HostId? Host { get; init; }

    /// <summary>
    /// Its host was declared off since it was placed there, so that its room there is gone. It is lost as soon as no
    /// operation works on it, also when the host is back by then.
    /// </summary>
    public bool HostWasOff { get; init; }

    /// <summary>Rises with each decision to place, start, stop or move it.</summary>
    public long Run { get; init; }

    /// <summary>Whether it runs, as last known.</summary>
    public NodePower Power { get; init; }

    /// <summary>Memory now, MiB.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>
    /// Most memory its guest may have, MiB, while that is not known: a change was asked for and not confirmed. Its
    /// booking stays as large. Null: it has <see cref="MemoryMiB"/>.
    /// </summary>
    public int? HeldMiB { get; init; }

    /// <summary>CPU weight now.</summary>
    public int CpuWeight { get; init; }

    /// <summary>CPU limit now, percent of one core; null is none.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>Machine type it keeps; null before its first booking.</summary>
    public string? MachineType { get; init; }

    /// <summary>CPU model it keeps; null before its first booking.</summary>
    public string? CpuModel { get; init; }

    /// <summary>Why it is not ready, when that is known.</summary>
    public Failure? Why { get; init; }

    /// <summary>What must be booked for it, MiB.</summary>
    internal int RoomMiB => Math.Max(MemoryMiB, HeldMiB ?? 0);

    /// <summary>What it gets now.</summary>
    internal NodeAmounts Amounts => new(Id, MemoryMiB, CpuWeight, CpuQuotaPercent);

    /// <summary>
    /// Most that its disk can take on a host, MiB: all blocks of the base rewritten, and the overlay's tables.
    /// </summary>
    internal long DiskMiB => Image.Disk is { } disk ? (disk.Bytes >> 20) + 64 : 0;
}
