using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host;

/// <summary>What the site knows of a host's agent.</summary>
public enum HostPresence
{
    /// <summary>It never connected.</summary>
    New,

    /// <summary>It is connected.</summary>
    Connected,

    /// <summary>It was connected; what runs there is unknown.</summary>
    Away,

    /// <summary>An operator declared it off: nothing runs there.</summary>
    Fenced,
}

/// <summary>All that a host's actor decides from: the ledger and the commands on their way.</summary>
public sealed record HostState
{
    /// <summary>Its id, known from its key.</summary>
    public required HostId Host { get; init; }

    /// <summary>The site it told its certificate of; null before its first connection.</summary>
    public SiteId? Site { get; init; }

    /// <summary>Whether its agent can be asked.</summary>
    public HostPresence Presence { get; init; }

    /// <summary>What it has; null before its first connection.</summary>
    public HostFacts? Facts { get; init; }

    /// <summary>What is promised to nodes.</summary>
    public ImmutableSortedDictionary<NodeId, Booking> Bookings { get; init; } =
        ImmutableSortedDictionary<NodeId, Booking>.Empty;

    /// <summary>Commands on their way, by request id.</summary>
    public ImmutableSortedDictionary<string, PendingCommand> Commands { get; init; } =
        ImmutableSortedDictionary<string, PendingCommand>.Empty;

    /// <summary>The sum of all bookings, kept beside them because every booking asks for it.</summary>
    public BookedSum Booked { get; init; } = new(0, 0, 0);

    /// <summary>Memory promised, overhead included, MiB.</summary>
    public long BookedMemoryMiB() => Booked.MemoryMiB;

    /// <summary>Disk promised, MiB.</summary>
    public long BookedDiskMiB() => Booked.DiskMiB;

    /// <summary>Virtual CPUs promised.</summary>
    public int BookedVcpus() => Booked.Vcpus;

    /// <summary>The same ledger with another booking of a node, or with none.</summary>
    internal HostState With(NodeId node, Booking? booking)
    {
        var held = Bookings.GetValueOrDefault(node);
        return this with
        {
            Bookings = booking is null ? Bookings.Remove(node) : Bookings.SetItem(node, booking),
            Booked = Booked.Less(held).More(booking),
        };
    }

    /// <summary>The name people know, or the id before the first connection.</summary>
    public string ShownName() => Facts?.Name ?? Host.Value;
}

/// <summary>What one node may use.</summary>
/// <param name="Environment">Whose node it is.</param>
/// <param name="MemoryMiB">Memory, the emulator's overhead included.</param>
/// <param name="Vcpus">Virtual CPUs.</param>
/// <param name="DiskMiB">Most its disk can take.</param>
public sealed record Booking(EnvironmentId Environment, int MemoryMiB, int Vcpus, long DiskMiB);

/// <summary>What several nodes may use together.</summary>
/// <param name="MemoryMiB">Memory, the emulators' overhead included.</param>
/// <param name="Vcpus">Virtual CPUs.</param>
/// <param name="DiskMiB">Most their disks can take.</param>
public sealed record BookedSum(long MemoryMiB, int Vcpus, long DiskMiB)
{
    internal BookedSum More(Booking? one) => one is null ? this
        : new BookedSum(MemoryMiB + one.MemoryMiB, Vcpus + one.Vcpus, DiskMiB + one.DiskMiB);

    internal BookedSum Less(Booking? one) => one is null ? this
        : new BookedSum(MemoryMiB - one.MemoryMiB, Vcpus - one.Vcpus, DiskMiB - one.DiskMiB);
}

/// <summary>A command that has not ended.</summary>
/// <param name="Environment">Who waits for the answer.</param>
/// <param name="Node">What it is about.</param>
public sealed record PendingCommand(EnvironmentId Environment, NodeId Node);
