using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster;

/// <summary>All that an environment decides from. Changed only by <see cref="EnvironmentEvolve"/>.</summary>
public sealed record EnvironmentState
{
    /// <summary>Operations that ended and are still shown.</summary>
    public const int KeptOperations = 50;

    /// <summary>Its id; known from its key before the first event.</summary>
    public required EnvironmentId Id { get; init; }

    /// <summary>Whether it was established and not deleted since.</summary>
    public bool Exists { get; init; }

    /// <summary>Whether it was deleted: it stays so for ever.</summary>
    public bool Deleted { get; init; }

    /// <summary>Whose it is.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Its name, unique per owner.</summary>
    public string Name { get; init; } = "";

    /// <summary>IPv4 subnet, CIDR.</summary>
    public string Subnet { get; init; } = "";

    /// <summary>What its network does beside carrying frames; null is all defaults.</summary>
    public NetworkOptions? Network { get; init; }

    /// <summary>Seconds in which a node must answer after its start.</summary>
    public int ReadyTimeoutSeconds { get; init; }

    /// <summary>Its nodes.</summary>
    public ImmutableSortedDictionary<NodeId, NodeState> Nodes { get; init; } =
        ImmutableSortedDictionary<NodeId, NodeState>.Empty;

    /// <summary>Limits of nodes and between pairs of them, ordered by their nodes.</summary>
    public ImmutableArray<SwitchLimit> Limits { get; init; } = [];

    /// <summary>Hosts' own machines that take part, by their names here.</summary>
    public ImmutableSortedDictionary<string, MachineConnection> Machines { get; init; } =
        ImmutableSortedDictionary.Create<string, MachineConnection>(StringComparer.Ordinal);

    /// <summary>Running operations and the latest ended ones, oldest first.</summary>
    public ImmutableList<OperationState> Operations { get; init; } = [];

    /// <summary>Hosts that an operator declared off and that have not come back since.</summary>
    public ImmutableSortedSet<HostId> HostsOff { get; init; } = [];

    /// <summary>Names of the hosts that ever had room booked for a node.</summary>
    public ImmutableSortedDictionary<HostId, string> HostNames { get; init; } =
        ImmutableSortedDictionary<HostId, string>.Empty;

    /// <summary>The host's name, as people know it; its id while the name is not known.</summary>
    internal string ShownName(HostId host) => HostNames.GetValueOrDefault(host) ?? host.Value;

    /// <summary>The operation, or null.</summary>
    internal OperationState? Operation(OperationId id) => Operations.Find(op => op.Id == id);

    /// <summary>The operation that works on a node now, or null.</summary>
    internal OperationState? BusyWith(NodeId node) => Operations.Find(op => !op.Ended && op.Nodes.Contains(node));

    /// <summary>The same state with one node changed.</summary>
    internal EnvironmentState With(NodeId id, Func<NodeState, NodeState> change) =>
        Nodes.TryGetValue(id, out var node) ? this with { Nodes = Nodes.SetItem(id, change(node)) } : this;

    /// <summary>The same state with one operation changed.</summary>
    internal EnvironmentState With(OperationId id, Func<OperationState, OperationState> change)
    {
        var index = Operations.FindIndex(op => op.Id == id);
        return index < 0 ? this : this with { Operations = Operations.SetItem(index, change(Operations[index])) };
    }
}
