using VioActors.Libvirt.Calls;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>Memory, CPU limits and statistics of running domains. Failures and limits as in
/// <see cref="DomainOperations"/>.</summary>
public sealed class ResourceOperations
{
    private readonly ConnectionCalls calls;

    internal ResourceOperations(ConnectionCalls calls) => this.calls = calls;

    /// <summary>Moves the balloon so that the guest has this much memory. Returns when the guest was asked; it has
    /// given
    /// memory back when <see cref="MemoryStatistics.Actual"/> (or a <see cref="BalloonEvent"/>) says so.</summary>
    /// <param name="domain">A running domain.</param>
    /// <param name="bytes">1 MiB up to the domain's maximum.</param>
    /// <param name="cancel">Stops the waiting.</param>
    public Task SetMemoryAsync(Guid domain, long bytes, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1 << 20);
        return calls.RunAsync(new CallName("set memory", domain), (handle, call) => NativeFailure.Check(
            NativeResources.virDomainSetMemoryFlags(handle, (nuint)(bytes / 1024), NativeResources.AffectLive), call),
            cancel);
    }

    /// <summary>The domain's memory as guest and host see it.</summary>
    public Task<MemoryStatistics> GetMemoryAsync(Guid domain, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("read memory statistics", domain), ReadMemory, cancel);

    /// <summary>Sets CPU weight and quota of a running domain.</summary>
    /// <param name="domain">A running domain.</param>
    /// <param name="settings">At least one value.</param>
    /// <param name="cancel">Stops the waiting.</param>
    /// <returns>What is in force afterwards, read back.</returns>
    public Task<SchedulerSettings> SetSchedulerAsync(
        Guid domain, SchedulerSettings settings, CancellationToken cancel = default)
    {
        if (settings == new SchedulerSettings())
            throw new ArgumentException("The settings name no value to set.", nameof(settings));
        return calls.RunAsync(new CallName("set CPU limits", domain), (handle, call) =>
        {
            WriteScheduler(handle, settings, call);
            return ReadScheduler(handle, call);
        }, cancel);
    }

    /// <summary>CPU weight and quota in force.</summary>
    public Task<SchedulerSettings> GetSchedulerAsync(Guid domain, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("read CPU limits", domain), ReadScheduler, cancel);

    /// <summary>All domains' figures in one call. A domain that is busy with a job gives what it can at once.</summary>
    public Task<IReadOnlyList<DomainStatistics>> GetAllStatisticsAsync(CancellationToken cancel = default) =>
        calls.RunAsync(
            new CallName("read all statistics", null),
            (connection, call) => ReadAll(connection, call, NativeResources.AllStatistics), cancel);

    /// <summary>The same without disks, for who asks often: state, CPU, balloon and interfaces.</summary>
    public Task<IReadOnlyList<DomainStatistics>> GetLoadStatisticsAsync(CancellationToken cancel = default) =>
        calls.RunAsync(
            new CallName("read load statistics", null),
            (connection, call) => ReadAll(connection, call, NativeResources.LoadStatistics), cancel);

    /// <summary>Has the guest report its memory every so many seconds; fine when it does.</summary>
    /// <param name="domain">A running domain.</param>
    /// <param name="seconds">1 to 3600.</param>
    /// <param name="cancel">Stops the waiting.</param>
    public Task SetMemoryPeriodAsync(Guid domain, int seconds, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, 3600);
        return calls.RunAsync(new CallName("set the period of memory statistics", domain), (handle, call) =>
            NativeFailure.Check(
                NativeResources.virDomainSetMemoryStatsPeriod(handle, seconds, NativeResources.AffectLive), call),
            cancel);
    }

    // SAFETY: the one pointer is to a buffer on this stack, used only while this method runs.
    private static unsafe MemoryStatistics ReadMemory(DomainHandle domain, CallName call)
    {
        // SAFETY: libvirt fills at most MemoryStatSlots elements of this stack buffer and says how many.
        var stats = stackalloc MemoryStat[NativeResources.MemoryStatSlots];
        var count = NativeFailure.Check(
            NativeResources.virDomainMemoryStats(domain, stats, NativeResources.MemoryStatSlots, 0), call);
        var byTag = new Dictionary<int, long>();
        for (var i = 0; i < count; i++)
            byTag[stats[i].Tag] = (long)Math.Min(stats[i].Value, long.MaxValue / 1024);
        return new MemoryStatistics(Bytes(6), Bytes(4), Bytes(5), Bytes(8), Bytes(7), Bytes(10),
            byTag.TryGetValue(9, out var at) && at > 0 ? DateTimeOffset.FromUnixTimeSeconds(at) : null);

        // Tags are virDomainMemoryStatTags; values are KiB.
        long? Bytes(int tag) => byTag.TryGetValue(tag, out var kib) ? kib * 1024 : null;
    }

    // SAFETY: the one pointer is the parameter list's own array, which lives until the list is disposed after the call.
    private static unsafe void WriteScheduler(DomainHandle domain, SchedulerSettings settings, CallName call)
    {
        using var list = new TypedParameterList();
        if (settings.CpuShares is { } shares)
            list.AddUnsigned("cpu_shares", checked((ulong)shares));
        if (settings.VcpuPeriodMicroseconds is { } period)
            list.AddUnsigned("vcpu_period", checked((ulong)period));
        if (settings.VcpuQuotaMicroseconds is { } quota)
            list.AddSigned("vcpu_quota", quota);
        // SAFETY: the list owns Count elements and outlives the call.
        NativeFailure.Check(NativeResources.virDomainSetSchedulerParametersFlags(
            domain, list.Items, list.Count, NativeResources.AffectLive), call);
    }

    private static unsafe SchedulerSettings ReadScheduler(DomainHandle domain, CallName call)
    {
        _ = NativeText.Take(NativeResources.virDomainGetSchedulerType(domain, out var count), call);
        var parameters = new TypedParameter[Math.Max(count, 1)];
        // SAFETY: the array is pinned for the call and holds the count libvirt asked for; numbers only, nothing to
        // free.
        fixed (TypedParameter* first = parameters)
        {
            NativeFailure.Check(NativeResources.virDomainGetSchedulerParameters(domain, first, ref count), call);
            var values = TypedValues.Copy(first, Math.Min(count, parameters.Length));
            return new SchedulerSettings(
                values.Number("cpu_shares"), values.Number("vcpu_quota"), values.Number("vcpu_period"));
        }
    }

    // SAFETY: the records libvirt gives us are copied before the finally frees them; no pointer leaves this method.
    private static unsafe IReadOnlyList<DomainStatistics> ReadAll(
        ConnectHandle connection, CallName call, uint groups)
    {
        var count = NativeFailure.Check(NativeResources.virConnectGetAllDomainStats(
            connection, groups, out var records, NativeResources.NoWait), call);
        try
        {
            var all = new List<DomainStatistics>(count);
            // SAFETY: records holds count pointers to records that live until the list is freed below.
            for (var i = 0; i < count; i++)
            {
                var record = records[i];
                all.Add(DomainStatistics.From(DomainIdentity.IdOf(record->Domain, call),
                    DomainIdentity.NameOf(record->Domain), TypedValues.Copy(record->Parameters, record->Count)));
            }
            return all;
        }
        finally
        {
            // SAFETY: frees the list with its records and domain handles, once; nothing of it was kept.
            NativeResources.virDomainStatsRecordListFree(records);
        }
    }
}
