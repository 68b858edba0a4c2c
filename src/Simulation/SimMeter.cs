using VioActors.Actors.Host.Agent;
using VioActors.Actors.Host.Monitoring;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Simulation;

/// <summary>Reads a simulated host: what its guests' scripts want and the host can give. Thread-safe.</summary>
public sealed class SimMeter(SimHost host) : IMeter
{
    /// <inheritdoc/>
    public HostCounters ReadHost()
    {
        lock (host.World.Gate)
        {
            host.Settle();
            var running = Running();
            var time = host.World.Time.GetUtcNow();
            var memory = running.Sum(domain => (long)domain.ActualMemoryMiB);
            return new HostCounters(
                host.Cores, Seconds(host.CpuSeconds), TimeSpan.Zero,
                Math.Ceiling(running.Sum(domain =>
                    domain.Wants(host.World.LoadOf(domain.Shape.Node, time).Load))),
                host.MemoryMiB, Math.Max(0, host.MemoryMiB - memory), 0,
                running.Sum(domain => (long)domain.Received), running.Sum(domain => (long)domain.Sent));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<NodeCounters>> ReadNodesAsync(CancellationToken cancel)
    {
        lock (host.World.Gate)
        {
            if (host.IsDead)
                return Task.FromException<IReadOnlyList<NodeCounters>>(new HypervisorException(
                    "host-dead", $"Host {host.Id} is off.", "Switch it on."));
            host.Settle();
            return Task.FromResult<IReadOnlyList<NodeCounters>>([.. Running().Select(Counters)]);
        }
    }

    private NodeCounters Counters(SimDomain domain)
    {
        var (node, actual) = (domain.Shape.Node, domain.ActualMemoryMiB);
        var load = host.World.LoadOf(node, host.World.Time.GetUtcNow()).Load;
        // As a real guest: its statistics come with the driver that obeys the balloon.
        double? used = host.IgnoresBalloon.Contains(node) || !SimGuests.IsBooted(host, node) ? null
            : Math.Min(load.MemoryMiB ?? actual / 2.0, actual);
        return new NodeCounters(
            node, domain.Shape.Vcpus, Seconds(domain.Work), Seconds(domain.Waited), Seconds(domain.Throttled),
            domain.QuotaPercent, domain.Weight, actual, used, used is null ? null : 0, (long)domain.Received,
            (long)domain.Sent);
    }

    private List<SimDomain> Running() =>
        [.. host.Domains.Values.Where(domain => domain.Presence == NodePresence.Running)
            .OrderBy(domain => domain.Shape.Node.Value, StringComparer.Ordinal)];

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
