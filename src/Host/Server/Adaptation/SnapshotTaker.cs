using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>Makes the snapshot of a round from a look at the site and the histories of its nodes.</summary>
internal sealed class SnapshotTaker(SiteLook look, SampleKeeper samples, DateTimeOffset now)
{
    private readonly Dictionary<NodeId, CpuShare> _shares = look.Shares();
    private readonly HoldRule _holds = new(look.Manager, now);

    /// <summary>The snapshot.</summary>
    /// <param name="site">The only site of the inventory.</param>
    /// <param name="round">Becomes the inventory's version.</param>
    /// <param name="policy">The policy of the round.</param>
    public Snapshot Take(SiteId site, long round, PolicyChoice policy)
    {
        var facts = look.Environments
            .SelectMany(one => look.Plannable(one), (one, node) => (node.Id, Facts: Facts(one, node)))
            .ToImmutableSortedDictionary(one => one.Id, one => one.Facts);
        var environments = look.Environments
            .Select(one => new EnvironmentInventory(
                one.Id, [.. look.Plannable(one).Select(node => Node(one, node, facts[node.Id].Holds))]))
            .Where(one => !one.Nodes.IsEmpty);
        return new Snapshot
        {
            Policy = policy,
            Inventory = new Inventory(
                round, now, [new SiteInventory(site, [.. look.Hosts.Keys.Select(Host)])], [.. environments]),
            Hosts = look.Hosts.Keys.ToImmutableSortedDictionary(host => host, host => look.Names[host]),
            Nodes = facts,
        };
    }

    /// <summary>
    /// Memory that is booked for anything but the nodes planned for is taken from what the host can promise: nodes that
    /// are off, start, or are on their way in.
    /// </summary>
    private HostInventory Host(HostId id)
    {
        var host = look.Hosts[id];
        var here = look.Environments.SelectMany(one => look.Plannable(one))
            .Where(node => PlaceOf(node) == id).Select(node => node.Id).ToHashSet();
        var others = host.Bookings.Where(booking => !here.Contains(booking.Key)).Sum(one => (long)one.Value.MemoryMiB);
        return new HostInventory(id, host.Facts!.Cores, Math.Max(0, host.Facts.MemoryMiB - others))
        {
            Closed = look.Manager.Closed.ContainsKey(id),
        };
    }

    private NodeInventory Node(EnvironmentState environment, NodeState node, NodeHolds holds)
    {
        var host = PlaceOf(node);
        var history = samples.History(node.Id);
        var memory = _holds.MemoryOf(node.Id, node.MemoryMiB);
        var needed = memory + Contracts.Sites.Overhead.MemoryMiB(memory);
        // A guest that did not give its memory has more booked than it should have.
        var booked = Math.Max(needed, look.Hosts[host].Bookings.GetValueOrDefault(node.Id)?.MemoryMiB ?? 0);
        return new NodeInventory(
            node.Id, host, history.Newest is [{ } last, ..] ? last.CpuGivenCores : Math.Max(0.01, Share(node)), booked,
            history)
        {
            Vcpus = node.Spec.Vcpus,
            GuestMiB = holds.Memory is null ? node.MemoryMiB : null,
            FullMiB = node.Spec.MemoryMiB,
            CpuQuotaPercent = node.CpuQuotaPercent,
            CpuWeight = node.CpuWeight,
            Pinned = holds.Place is not null,
            LastMoved = LastMoved(environment, node.Id),
            Together = node.Spec.Together,
            Apart = node.Spec.Apart,
        };
    }

    private double Share(NodeState node) => Math.Min(_shares[node.Id].Share, _shares[node.Id].Most);

    private NodeFacts Facts(EnvironmentState environment, NodeState node) =>
        new($"{environment.Name}/{node.Spec.Name}", node.Run, Holds(environment, node));

    private NodeHolds Holds(EnvironmentState environment, NodeState node) => _holds.Of(new NodeLook(
        node.Id, new NodeAmount(node.Spec.MemoryMiB, node.Spec.CpuWeight, node.Spec.CpuQuotaPercent),
        new NodeAmount(node.MemoryMiB, node.CpuWeight, node.CpuQuotaPercent))
    {
        BusyWith = SiteLook.BusyWith(environment, node.Id) is { } op ? $"operation {op.Id}" : null,
        Place = node.Spec.Host is null ? null : "its owner wrote its host",
        WasMeasured = !samples.History(node.Id).Newest.IsEmpty,
        HasBalloon = samples.Newest(node.Id)?.MemoryUsedMiB is not null,
    });

    private HostId PlaceOf(NodeState node) =>
        _holds.PlaceOf(node.Id, node.Host!.Value) is var place && look.Hosts.ContainsKey(place)
            ? place
            : node.Host!.Value;

    /// <summary>People's moves count too: what was just moved is not moved again.</summary>
    private DateTimeOffset? LastMoved(EnvironmentState environment, NodeId node)
    {
        var moved = environment.Operations
            .Where(op => op is { Kind: OperationKind.Move, Phase: OperationPhase.Done } && op.Nodes.Contains(node))
            .Select(op => op.EndedAt).Append(look.Manager.Nodes.GetValueOrDefault(node)?.LastMoved).Max();
        return moved;
    }
}
