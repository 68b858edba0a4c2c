using System.Collections.Immutable;
using VioActors.Actors.VirtualCluster.Saga;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster.Move;

/// <summary>What each phase of a move asks of others.</summary>
internal static class MoveRequests
{
    public static ImmutableArray<Request> Of(EnvironmentState state, OperationState op, MovePhase phase)
    {
        var move = op.Move!;
        string Id(int item) => new RequestId.OfStep(op.Id, $"{phase}{move.Looks}", item).ToString();
        var node = state.Nodes[move.Node];
        var network = new ActorKey(ActorKinds.Network, state.Id.Value);
        var site = new ActorKey(ActorKinds.Site, state.Id.Home.Value);
        return phase switch
        {
            MovePhase.Choosing => [Choose(state, node, site, Id(0))],
            MovePhase.Booking =>
            [
                new(Id(0), Turn.Host(move.To!.Value), new Book(
                    Id(0), state.Id, node.Id, node.RoomMiB, node.Spec.Vcpus, node.DiskMiB)),
            ],
            MovePhase.Preparing =>
            [
                Command(Id(0), move.To!.Value, state, new ReceiveMove
                {
                    Node = node.Id, Run = node.Run, Move = op.Id, Shape = Shapes.Of(state, node), From = move.From,
                }),
                new(Id(1), network, new Prebind(Id(1), node.Id, move.To!.Value)),
            ],
            MovePhase.Copying =>
            [
                Command(Id(0), move.From, state, new SendMove
                {
                    Node = node.Id, Run = node.Run, Move = op.Id, Shape = Shapes.Of(state, node), To = move.To!.Value,
                    ToEndpoint = move.ToEndpoint!, BandwidthMiBps = move.BandwidthMiBps,
                }),
            ],
            MovePhase.Observing =>
            [
                Command(Id(0), move.From, state, new ObserveNode { Node = node.Id }),
                Command(Id(1), move.To!.Value, state, new ObserveNode { Node = node.Id }),
            ],
            MovePhase.SettlingThere =>
            [
                new(Id(0), network, new Settle(Id(0), node.Id, move.To!.Value)),
                Command(Id(1), move.From, state, CleanUp(node)),
            ],
            MovePhase.SettlingHere => Stayed(state, op, node, network, Id),
            MovePhase.Freeing => Free(node.Host == move.To ? move.From : move.To, state, node, Id(0)),
            _ => throw new InvalidOperationException($"Unknown phase {phase} of move {op.Id}."),
        };
    }

    /// <summary>
    /// Cleans what the target may have got; the source learns the new run, so a late job start is refused.
    /// </summary>
    private static ImmutableArray<Request> Stayed(
        EnvironmentState state, OperationState op, NodeState node, ActorKey network, Func<int, string> id)
    {
        var move = op.Move!;
        if (move.To is not { } to) return [];
        return
        [
            new(id(0), network, new Settle(id(0), node.Id, move.From)),
            Command(id(1), move.From, state, new AbortMove { Node = node.Id, Run = node.Run, Move = op.Id }),
            Command(id(2), to, state, CleanUp(node)),
        ];
    }

    private static RemoveNode CleanUp(NodeState node) =>
        new() { Node = node.Id, Run = node.Run, SparesRunning = true };

    private static ImmutableArray<Request> Free(HostId? left, EnvironmentState state, NodeState node, string id) =>
        left is { } host ? [new(id, Turn.Host(host), new Unbook(id, state.Id, node.Id))] : [];

    private static Request Choose(EnvironmentState state, NodeState node, ActorKey site, string id)
    {
        var present = state.Nodes.Values.Where(other => other.Host is not null)
            .GroupBy(other => other.Host!.Value)
            .ToImmutableSortedDictionary(group => group.Key, group => group.Count());
        var need = new PlacementNeed(
            node.Id, node.Spec.Name, node.MemoryMiB, node.Spec.Vcpus, node.DiskMiB, HostName: null,
            node.Spec.Apart, node.Spec.Together);
        return new(id, site, new ProposePlacement(id, state.Id, [need], [node.Host!.Value], present,
            ProvisionSteps.HostLimit(state.Subnet), Marks.Of(state, except: node.Id)));
    }

    private static Request Command(string id, HostId host, EnvironmentState state, AgentCommand command) =>
        new(id, Turn.Host(host), new HostCommand(id, state.Id, command));
}
