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
            .Where(node => node.Host == id).Select(node => node.Id).ToHashSet();
        var others = host.Bookings.Where(booking => !here.Contains(booking.Key)).Sum(one => (long)one.Value.MemoryMiB);
        return new HostInventory(id, host.Facts!.Cores, Math.Max(0, host.Facts.MemoryMiB - others))
        {
            Closed = look.Manager.Closed.ContainsKey(id),
        };
    }

    private NodeInventory Node(EnvironmentState environment, NodeState node, NodeHolds holds)
    {
        var host = node.Host!.Value;
        var history = samples.History(node.Id);
        var booked = look.Hosts[host].Bookings.GetValueOrDefault(node.Id)?.MemoryMiB
            ?? node.MemoryMiB + Contracts.Sites.Overhead.MemoryMiB(node.MemoryMiB);
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

    private NodeHolds Holds(EnvironmentState environment, NodeState node)
    {
        var memory = look.Manager.Nodes.GetValueOrDefault(node.Id);
        if (SiteLook.BusyWith(environment, node.Id) is { } op)
            return NodeHolds.All($"operation {op.Id} works on it");
        if (look.Manager.Work.Find(one => one.Change.Node == node.Id) is { } work)
            return NodeHolds.All($"a change of plan {work.Plan} is under way");
        if (memory?.HeldUntil is { } until && until > now)
            return NodeHolds.All($"a change of it was refused or failed, so it is left alone until {until:HH:mm:ss}Z");
        // Planners expect the most of a node that nobody has seen yet; that is no reason to give it more.
        var place = node.Spec.Host is null ? null : "its owner wrote its host";
        if (samples.History(node.Id).Newest.IsEmpty)
            return NodeHolds.All("it was not measured yet") with { Place = place };
        return AmountRule.Of(
            new NodeAmount(node.Spec.MemoryMiB, node.Spec.CpuWeight, node.Spec.CpuQuotaPercent),
            new NodeAmount(node.MemoryMiB, node.CpuWeight, node.CpuQuotaPercent), memory,
            samples.Newest(node.Id)?.MemoryUsedMiB is not null) with
        {
            Place = place,
        };
    }

    /// <summary>People's moves count too: what was just moved is not moved again.</summary>
    private DateTimeOffset? LastMoved(EnvironmentState environment, NodeId node)
    {
        var moved = environment.Operations
            .Where(op => op is { Kind: OperationKind.Move, Phase: OperationPhase.Done } && op.Nodes.Contains(node))
            .Select(op => op.EndedAt).Append(look.Manager.Nodes.GetValueOrDefault(node)?.LastMoved).Max();
        return moved;
    }
}
