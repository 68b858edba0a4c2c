using VioActors.Actors.Host.Monitoring;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Libvirt;

namespace VioActors.Daemon.Agent.Monitoring;

/// <summary>
/// Reads a real host: the kernel's figures of the processors this agent may use, one bulk question to libvirt for all
/// machines, and their control groups. Guests are asked for their memory every second from the first time they are
/// seen, wherever they came from.
/// </summary>
internal sealed class LibvirtMeter(LibvirtLink libvirt, CpuGroups groups, TimeProvider clock) : IMeter
{
    private const int BalloonPeriodSeconds = 1;

    private readonly IReadOnlySet<int>? _cpus = ProcFiles.AllowedCpus(File.ReadAllText("/proc/self/status"));
    private readonly HashSet<Guid> _reporting = [];
    private readonly GuestMemory _memory = new();

    /// <inheritdoc/>
    public HostCounters ReadHost()
    {
        var (cores, used, stolen) = ProcFiles.Cpu(File.ReadAllText("/proc/stat"), _cpus);
        var (total, available, swap) = ProcFiles.Memory(File.ReadAllText("/proc/meminfo"));
        var (received, sent) = ProcFiles.Network(File.ReadAllText("/proc/self/net/dev"));
        return new HostCounters(
            cores, used, stolen, ProcFiles.RunQueue(File.ReadAllText("/proc/loadavg")), total, available, swap,
            received, sent);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeCounters>> ReadNodesAsync(CancellationToken cancel)
    {
        var all = await libvirt.CallAsync(connection => connection.Resources.GetLoadStatisticsAsync(cancel), cancel);
        var running = all
            .Where(one => one.State == DomainState.Running && one.Name == NodeId.Of(one.Id).DomainName).ToList();
        _reporting.IntersectWith(running.Select(one => one.Id));
        _memory.Keep(_reporting);
        foreach (var one in running.Where(one => !_reporting.Contains(one.Id))) await ReportAsync(one.Id, cancel);
        var now = clock.GetUtcNow();
        return [.. running.Select(one => Counters(one, groups.Of(NodeId.Of(one.Id)), _memory, now))];
    }

    /// <summary>One domain's counters, as the kernel, libvirt and its guest say them.</summary>
    internal static NodeCounters Counters(
        DomainStatistics one, CpuGroup group, GuestMemory memory, DateTimeOffset now) => new(
            NodeId.Of(one.Id), Math.Max(1, one.Vcpus.Count), Sum(one, vcpu => vcpu.Time) ?? TimeSpan.Zero,
            Sum(one, vcpu => vcpu.Delay), group.Throttled, group.QuotaPercent, group.Weight,
            (int)((one.BalloonCurrent ?? one.BalloonMaximum ?? 0) >> 20), memory.UsedMiB(one, now),
            GuestMemory.IsFresh(one, now) ? one.SwappedIn + one.SwappedOut : null,
            // libvirt sees the host's side: received there is what the node sent.
            one.Interfaces.Sum(link => link.SentBytes), one.Interfaces.Sum(link => link.ReceivedBytes));

    private static TimeSpan? Sum(DomainStatistics one, Func<VcpuStatistics, TimeSpan?> time) =>
        one.Vcpus.Any(vcpu => time(vcpu) is not null)
            ? TimeSpan.FromTicks(one.Vcpus.Sum(vcpu => time(vcpu)?.Ticks ?? 0)) : null;

    /// <summary>Once per machine; one that is busy, as in a move, is asked again at the next look.</summary>
    private async Task ReportAsync(Guid domain, CancellationToken cancel)
    {
        try
        {
            await libvirt.CallAsync(
                connection => connection.Resources.SetMemoryPeriodAsync(domain, BalloonPeriodSeconds, cancel), cancel);
            _reporting.Add(domain);
        }
        catch (Actors.Host.Agent.HypervisorException) when (!cancel.IsCancellationRequested)
        {
            // It ended, or another job of it goes on.
        }
    }
}
