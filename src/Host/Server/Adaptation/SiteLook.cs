using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Host;
using VioActors.Actors.Site;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>
/// One look at the whole site: what its actors say, read one after the other. They may change meanwhile; each change of
/// a plan is checked again before it is begun.
/// </summary>
/// <param name="Hosts">Hosts that are connected, with their ledgers.</param>
/// <param name="Names">What people call them.</param>
/// <param name="Environments">Environments that exist.</param>
/// <param name="Manager">What the manager knows.</param>
internal sealed record SiteLook(
    IReadOnlyDictionary<HostId, HostState> Hosts, IReadOnlyDictionary<HostId, string> Names,
    IReadOnlyList<EnvironmentState> Environments, AdaptationState Manager)
{
    /// <summary>Looks.</summary>
    public static async Task<SiteLook> TakeAsync(SiteActors actors, CancellationToken cancel)
    {
        var site = await actors.SiteAsync(cancel);
        var hosts = new SortedDictionary<HostId, HostState>();
        foreach (var member in site.Members.Keys)
        {
            if (await actors.HostAsync(member, cancel) is { Presence: HostPresence.Connected, Facts.Cores: > 0 } host)
                hosts.Add(member, host);
        }

        var environments = new List<EnvironmentState>();
        foreach (var id in site.Directory.Keys)
        {
            if (await actors.EnvironmentAsync(id, cancel) is { Exists: true, Deleted: false } environment)
                environments.Add(environment);
        }

        return new SiteLook(
            hosts, site.Members.ToDictionary(one => one.Key, one => one.Value.Name), environments,
            await actors.AdaptationAsync(cancel));
    }

    /// <summary>Nodes that can be planned for: they run, on a host that can be asked.</summary>
    public IEnumerable<NodeState> Plannable(EnvironmentState environment) =>
        environment.Nodes.Values.Where(IsPlannable);

    /// <summary>Whether a node can be planned for.</summary>
    public bool IsPlannable(NodeState node) =>
        node is { Power: NodePower.Ready, Host: { } host } && Hosts.ContainsKey(host);

    /// <summary>The operation that works on a node, or on its whole environment, now; null when none does.</summary>
    public static OperationState? BusyWith(EnvironmentState environment, NodeId node) =>
        environment.Operations.Find(op => op.EndedAt is null && (op.Nodes.Contains(node) || op.Kind
            is OperationKind.Create or OperationKind.Delete or OperationKind.Grow or OperationKind.Shrink
            or OperationKind.Apply));

    /// <summary>What each node, those that do not run too, could have of its host when all are busy.</summary>
    public Dictionary<NodeId, CpuShare> Shares()
    {
        var nodes = Environments.SelectMany(one => one.Nodes.Values).ToList();
        var weights = nodes.Where(IsPlannable).GroupBy(node => node.Host!.Value)
            .ToDictionary(group => group.Key, group => group.Sum(node => (double)node.CpuWeight));
        return nodes.ToDictionary(node => node.Id, node => IsPlannable(node)
            ? new CpuShare(
                Hosts[node.Host!.Value].Facts!.Cores * node.CpuWeight / weights[node.Host!.Value],
                node.Spec.Vcpus, node.CpuQuotaPercent)
            : new CpuShare(node.Spec.Vcpus, node.Spec.Vcpus, node.CpuQuotaPercent));
    }
}
