using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>One domain's figures out of a bulk reading. Counters grow from the start of its QEMU process on this
/// host.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">What it does.</param>
/// <param name="CpuTime">CPU time of the whole QEMU process; null when not running.</param>
/// <param name="BalloonCurrent">Memory the guest has now, in bytes.</param>
/// <param name="BalloonMaximum">Memory it may have, in bytes.</param>
/// <param name="BalloonUnused">Free memory reported by the guest, in bytes.</param>
/// <param name="BalloonAvailable">Memory the guest's kernel counts as its own, reported by the guest, in bytes.</param>
/// <param name="BalloonUsable">Memory the guest could give up, in bytes.</param>
/// <param name="SwappedIn">Bytes the guest read from its swap.</param>
/// <param name="SwappedOut">Bytes it wrote there.</param>
/// <param name="BalloonUpdatedAt">When the guest last reported its memory; null when it never did.</param>
/// <param name="Resident">The QEMU process's resident memory, in bytes.</param>
/// <param name="Vcpus">Per virtual CPU.</param>
/// <param name="Interfaces">Per network interface.</param>
/// <param name="Disks">Per disk.</param>
public sealed record DomainStatistics(
    Guid Id, string Name, DomainState State, TimeSpan? CpuTime, long? BalloonCurrent, long? BalloonMaximum,
    long? BalloonUnused, long? BalloonAvailable, long? BalloonUsable, long? SwappedIn, long? SwappedOut,
    DateTimeOffset? BalloonUpdatedAt, long? Resident, IReadOnlyList<VcpuStatistics> Vcpus,
    IReadOnlyList<InterfaceStatistics> Interfaces, IReadOnlyList<DiskStatistics> Disks)
{
    private const int ElementLimit = 4096;

    internal static DomainStatistics From(Guid id, string name, TypedValues values) => new(
        id, name, (DomainState)(values.Number("state.state") ?? 0), Nanoseconds(values.Number("cpu.time")),
        values.Number("balloon.current") * 1024, values.Number("balloon.maximum") * 1024,
        values.Number("balloon.unused") * 1024, values.Number("balloon.available") * 1024,
        values.Number("balloon.usable") * 1024,
        values.Number("balloon.swap_in") * 1024, values.Number("balloon.swap_out") * 1024,
        values.Number("balloon.last-update") is > 0 and var at ? DateTimeOffset.FromUnixTimeSeconds(at) : null,
        values.Number("balloon.rss") * 1024,
        [.. Elements(values, "vcpu.maximum", "vcpu").Where(n => values.Number($"vcpu.{n}.state") is not null)
            .Select(n => VcpuStatistics.From(n, values))],
        [.. Elements(values, "net.count", "net").Select(n => InterfaceStatistics.From($"net.{n}", values))],
        [.. Elements(values, "block.count", "block").Select(n => DiskStatistics.From($"block.{n}", values))]);

    internal static TimeSpan? Nanoseconds(long? value) => value is { } ns ? TimeSpan.FromTicks(ns / 100) : null;

    private static IEnumerable<int> Elements(TypedValues values, string countName, string group)
    {
        var count = values.Number(countName) ?? values.Number($"{group}.current") ?? 0;
        return Enumerable.Range(0, (int)Math.Clamp(count, 0, ElementLimit));
    }
}

/// <summary>A virtual CPU's figures.</summary>
/// <param name="Number">0 for the first.</param>
/// <param name="Time">CPU time used.</param>
/// <param name="Wait">Time its thread waited for I/O; null when the host does not say.</param>
/// <param name="Delay">Time its thread was ready but did not run: the sign of a busy host or a quota.</param>
public sealed record VcpuStatistics(int Number, TimeSpan? Time, TimeSpan? Wait, TimeSpan? Delay)
{
    internal static VcpuStatistics From(int number, TypedValues values) => new(number,
        DomainStatistics.Nanoseconds(values.Number($"vcpu.{number}.time")),
        DomainStatistics.Nanoseconds(values.Number($"vcpu.{number}.wait")),
        DomainStatistics.Nanoseconds(values.Number($"vcpu.{number}.delay")));
}

/// <summary>A network interface's figures, from the host's side: received is what the guest sent.</summary>
/// <param name="Name">The interface on the host.</param>
/// <param name="ReceivedBytes">Bytes in.</param>
/// <param name="SentBytes">Bytes out.</param>
public sealed record InterfaceStatistics(string Name, long ReceivedBytes, long SentBytes)
{
    internal static InterfaceStatistics From(string prefix, TypedValues values) => new(
        values.Text($"{prefix}.name") ?? "", values.Number($"{prefix}.rx.bytes") ?? 0,
        values.Number($"{prefix}.tx.bytes") ?? 0);
}

/// <summary>A disk's figures.</summary>
/// <param name="Name">The disk in the guest, for example <c>vda</c>.</param>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="WrittenBytes">Bytes written.</param>
/// <param name="AllocatedBytes">Bytes the overlay holds: what a move has to copy.</param>
public sealed record DiskStatistics(string Name, long ReadBytes, long WrittenBytes, long AllocatedBytes)
{
    internal static DiskStatistics From(string prefix, TypedValues values) => new(
        values.Text($"{prefix}.name") ?? "", values.Number($"{prefix}.rd.bytes") ?? 0,
        values.Number($"{prefix}.wr.bytes") ?? 0, values.Number($"{prefix}.allocation") ?? 0);
}
