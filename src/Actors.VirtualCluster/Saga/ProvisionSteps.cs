using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.VirtualCluster.Saga;

/// <summary>
/// From a wanted node to a ready one. Every undo works whether its step ran, half ran or never ran, because after a
/// crash or an unreachable host nobody knows which.
/// </summary>
internal static class ProvisionSteps
{
    /// <summary>Asks the site where the nodes could run. Only a booking makes it so.</summary>
    public static readonly SagaStep Choose = new()
    {
        Name = "choose hosts",
        Do = step =>
        {
            var homeless = step.Existing(step.Operation.Added).Where(node => node.Host is null).ToList();
            if (homeless.Count == 0) return [];
            var present = step.State.Nodes.Values.Where(node => node.Host is not null)
                .GroupBy(node => node.Host!.Value)
                .ToImmutableSortedDictionary(group => group.Key, group => group.Count());
            return
            [
                step.To(step.Turn.Site, id => new ProposePlacement(
                    id, step.State.Id, [.. homeless.Select(Need)], [], present, HostLimit(step.State.Subnet),
                    Marks.Of(step.State))),
            ];
        },
        Undo = step =>
        {
            foreach (var node in step.Existing(step.Operation.Added).Where(Undoable))
                step.Turn.Record(new NodeUnplaced(node.Id));
            return [];
        },
    };

    /// <summary>Books room. The host's ledger decides; a refusal sends the saga back to choosing.</summary>
    public static readonly SagaStep Book = new()
    {
        Name = "book room",
        Do = step => step.Existing(step.Operation.Added).GroupBy(Placed).Select(nodes => step.To(
            Turn.Host(nodes.Key), id => new BookNodes(id, step.State.Id, [.. nodes.Select(Room)]))),
        Undo = step => step.Existing(step.Operation.Added).Where(Undoable).Select(node => step.To(
            Turn.Host(Placed(node)), id => new Unbook(id, step.State.Id, node.Id))),
    };

    /// <summary>Gives the nodes their place in the table and their ports.</summary>
    public static readonly SagaStep Plug = new()
    {
        Name = "plug into the network",
        Do = step =>
        {
            var items = step.Existing(step.Operation.Added)
                .Select(node => new PlugItem(
                    node.Id, node.Mac, node.Ip, Placed(node), node.Spec.Name)).ToImmutableArray();
            if (items.IsEmpty) return [];
            step.Turn.Tell(step.Turn.Network, new CreateNetwork(
                step.State.Id, step.State.Subnet, step.State.Name, step.State.Network));
            return [step.To(step.Turn.Network, id => new Plug(id, items))];
        },
        Undo = step => RetireSteps.UnplugNodes(
            step, [.. step.Existing(step.Operation.Added).Where(Undoable).Select(node => node.Id)]),
    };

    /// <summary>Brings image and disk to the hosts.</summary>
    public static readonly SagaStep Prepare = new()
    {
        Name = "prepare images and disks",
        Do = step => Command(
            step, node => new PrepareNode { Node = node.Id, Run = node.Run, Shape = Shapes.Of(step.State, node) }),
        Undo = step => RetireSteps.RemoveNodes(step, step.Operation.Added),
    };

    /// <summary>Starts the machines, each under a new run.</summary>
    public static readonly SagaStep Start = new()
    {
        Name = "start machines",
        Do = step =>
        {
            foreach (var node in step.Existing(step.Operation.Added)) step.Turn.Decide(node.Id, NodePower.Starting);
            return Command(
                step, node => new StartNode { Node = node.Id, Run = node.Run, Shape = Shapes.Of(step.State, node) });
        },
        Undo = step => StopNodes(step, step.Operation.Added, graceSeconds: 0),
    };

    /// <summary>Waits until every node answers on its own Ethernet.</summary>
    public static readonly SagaStep Ready = new()
    {
        Name = "wait until ready",
        Do = step => Command(step, node => new AwaitReady
        {
            Node = node.Id,
            Run = node.Run,
            Environment = step.State.Id,
            Ip = node.Ip,
            TimeoutSeconds = step.State.ReadyTimeoutSeconds,
        }),
    };

    /// <summary>Stops nodes where they are, under a new run, so that a late start is refused.</summary>
    public static IEnumerable<Request> StopNodes(StepTurn step, IEnumerable<NodeId> nodes, int graceSeconds)
    {
        var placed = step.Existing(nodes).Where(node => node.Host is not null).Select(node => node.Id).ToList();
        foreach (var node in placed) step.Turn.Decide(node, NodePower.Stopping);
        return step.Existing(placed).Select(node => step.To(Turn.Host(Placed(node)), id => new HostCommand(
            id, step.State.Id, new StopNode { Node = node.Id, Run = node.Run, GraceSeconds = graceSeconds })));
    }

    private static IEnumerable<Request> Command(StepTurn step, Func<NodeState, AgentCommand> command) =>
        step.Existing(step.Operation.Added).Select(node => step.To(
            Turn.Host(Placed(node)), id => new HostCommand(id, step.State.Id, command(node))));

    /// <summary>How many hosts an environment can span: each needs an address for its prober.</summary>
    public static int? HostLimit(string subnet) => SubnetPlan.Read(subnet, out _)?.HostCount;

    /// <summary>
    /// A node that may still run on a host that cannot be asked keeps its room and its port: freeing them could
    /// promise the same memory twice.
    /// </summary>
    private static bool Undoable(NodeState node) => node.Host is not null && node.Power != NodePower.Unknown;

    private static PlacementNeed Need(NodeState node) =>
        new(node.Id, node.Spec.Name, node.MemoryMiB, node.Spec.Vcpus, node.DiskMiB, node.Spec.Host, node.Spec.Apart,
            node.Spec.Together);

    private static NodeRoom Room(NodeState node) => new(node.Id, node.MemoryMiB, node.Spec.Vcpus, node.DiskMiB);

    private static HostId Placed(NodeState node) =>
        node.Host ?? throw new InvalidOperationException($"Node {node.Id} ({node.Spec.Name}) has no host yet.");
}
