using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.VirtualCluster.Saga;

/// <summary>
/// From a node to nothing. There is no way back: a step that fails leaves the rest for the next delete.
/// </summary>
internal static class RetireSteps
{
    /// <summary>Ends the machines and removes what their hosts keep of them.</summary>
    public static readonly SagaStep Remove = new()
    {
        Name = "remove machines",
        NoReturn = true,
        Do = step => RemoveNodes(step, step.Operation.Removed),
    };

    /// <summary>Takes their ports and their places in the table.</summary>
    public static readonly SagaStep Unplug = new()
    {
        Name = "unplug from the network",
        NoReturn = true,
        Do = step => UnplugNodes(step, step.Operation.Removed),
    };

    /// <summary>Frees their room.</summary>
    public static readonly SagaStep Unbook = new()
    {
        Name = "free their room",
        NoReturn = true,
        Do = step => step.Existing(step.Operation.Removed).Where(node => node.Host is not null).Select(node => step.To(
            Turn.Host(node.Host!.Value), id => new Unbook(id, step.State.Id, node.Id))),
    };

    /// <summary>The nodes are gone from the environment; with the last of them, on delete, its name is free.</summary>
    public static readonly SagaStep Forget = new()
    {
        Name = "forget them",
        NoReturn = true,
        Do = step =>
        {
            foreach (var node in step.Existing(step.Operation.Removed)) step.Turn.Record(new NodeRemoved(node.Id));
            if (step.Operation.Kind == OperationKind.Delete) End(step.Turn);
            return [];
        },
    };

    /// <summary>The environment is over: its name is free.</summary>
    public static void End(Turn turn)
    {
        turn.Record(new EnvironmentDeleted());
        turn.Tell(turn.Site, new ReleaseName(turn.State.Id));
    }

    /// <summary>Removes nodes from their hosts under a new run, so that a late start is refused.</summary>
    public static IEnumerable<Request> RemoveNodes(StepTurn step, IEnumerable<NodeId> nodes)
    {
        var placed = step.Existing(nodes).Where(node => node.Host is not null).Select(node => node.Id).ToList();
        foreach (var node in placed) step.Turn.Decide(node, NodePower.Stopping);
        return step.Existing(placed).Select(node => step.To(Turn.Host(node.Host!.Value), id =>
            new HostCommand(id, step.State.Id, new RemoveNode { Node = node.Id, Run = node.Run })));
    }

    /// <summary>Takes nodes out of the network's table.</summary>
    public static IEnumerable<Request> UnplugNodes(StepTurn step, IEnumerable<NodeId> nodes)
    {
        var ids = step.Existing(nodes).Select(node => node.Id).ToImmutableArray();
        return ids.IsEmpty ? [] : [step.To(step.Turn.Network, id => new Unplug(id, ids))];
    }
}
