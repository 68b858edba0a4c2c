using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// What hosts tell without being asked. A host that comes back may hold nodes that have moved, ended or been deleted
/// meanwhile: what is not where the environment says is removed there, under a run that nothing older can undo.
/// </summary>
internal static class HostNotices
{
    /// <summary>
    /// The run of a node that its environment has forgotten: its id is never used again, so nothing comes after it.
    /// </summary>
    public const long LastRun = long.MaxValue;

    private static readonly TimeSpan ReturnedPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskAgainPause = TimeSpan.FromSeconds(15);

    public static void Fenced(Turn turn, HostFencedNotice notice)
    {
        if (!turn.State.HostsOff.Contains(notice.Host)) turn.Record(new HostDeclaredOff(notice.Host));
    }

    /// <summary>
    /// Nodes whose host was declared off are lost, as soon as no operation works on them any more. A host that is back
    /// by then may run them without room: there they are removed.
    /// </summary>
    public static void LoseWhatIsOff(Turn turn)
    {
        foreach (var node in turn.State.Nodes.Values)
        {
            if (node is not { HostWasOff: true, Host: { } host } || turn.State.BusyWith(node.Id) is not null) continue;
            turn.Record(new NodeUnplaced(node.Id));
            turn.Record(new NodePowerChanged(node.Id, NodePower.Lost, node.Run + 1, new Failure(
                "host-fenced", $"Its host {turn.State.ShownName(host)} was declared off.",
                "Start it on another host with `vio node start`.")));
            if (!turn.State.HostsOff.Contains(host)) RemoveStray(turn, host, node.Id, node.Run + 1);
        }
    }

    /// <summary>The host was off, perhaps, and is not any more.</summary>
    public static void Back(Turn turn, HostId host)
    {
        if (turn.State.HostsOff.Contains(host)) turn.Record(new HostBack(host));
    }

    public static void Returned(Turn turn, HostReturnedNotice notice)
    {
        Back(turn, notice.Host);
        foreach (var seen in notice.Nodes)
        {
            if (turn.State.Nodes.GetValueOrDefault(seen.Node) is { } node && node.Host == notice.Host
                && turn.State.BusyWith(node.Id) is null)
                Settle(turn, notice.Host, node, seen, look: 1);
            else
                Place(turn, new LookAtReturned(notice.Host, seen));
        }
    }

    /// <summary>
    /// What a host holds that came back while an operation worked on the node: what is right there is known only when
    /// that has ended, and by then the host must say anew what it sees.
    /// </summary>
    public static void Place(Turn turn, LookAtReturned returned)
    {
        var (host, seen) = returned;
        var isKept = Strays.IsKept(turn, seen);
        if (!turn.State.Nodes.TryGetValue(seen.Node, out var node))
        {
            if (!isKept) RemoveStray(turn, host, seen.Node, LastRun);
        }
        else if (turn.State.BusyWith(node.Id) is not null)
            turn.Wake($"{host}/{node.Id}", ReturnedPause, returned);
        else if (node.Host == host)
            Looks.Look(turn, new LookAtNode(node.Id, 1));
        else if (isKept)
            Strays.Found(turn, host, node);
        else
            Elsewhere(turn, host, node, seen);
    }

    /// <summary>The end of a stray's removal, or of what a node here was told again.</summary>
    public static void TakeStray(Turn turn, RequestId.OfStray asked, CommandAnswer answer)
    {
        var node = turn.State.Nodes.GetValueOrDefault(answer.Node);
        if (asked.Removal)
            TakeRemoval(turn, node, answer, asked);
        else if (asked.Sighting)
            Strays.Take(turn, node, answer, asked);
        else if (node?.Host == answer.Host && asked.MemoryRun is { } run)
            TakeMemory(turn, node, answer, asked.Look, run);
        else if (node?.Host == answer.Host)
            Reassured(turn, node, answer, asked.Look);
    }

    /// <summary>
    /// The room of what is not there any more is free only now; unless the node came, or is about to come, to that host
    /// again: then the room there is its own.
    /// </summary>
    public static void TakeRemoval(Turn turn, NodeState? node, CommandAnswer answer, RequestId.OfStray asked)
    {
        var isExpected = node is not null
            && (node.Host == answer.Host || turn.State.BusyWith(node.Id)?.Move?.To == answer.Host);
        if (answer.Outcome.Failure is null && !isExpected)
            turn.Tell(Turn.Host(answer.Host), new Unbook(
                (asked with { Room = true }).ToString(), turn.State.Id, answer.Node));
    }

    /// <summary>
    /// Makes the node's power what its host sees, and the host what the environment wants. Returns whether the node's
    /// power is known now, or will be when the host has answered.
    /// </summary>
    public static bool Settle(Turn turn, HostId host, NodeState node, NodeObservation seen, int look)
    {
        if (Strays.IsElsewhere(node)) return true;
        if (node.HeldMiB is not null && seen.Presence == NodePresence.Absent) FreeHeld(turn, host, node);
        switch (seen.Presence, node.Power)
        {
            case (NodePresence.Running, NodePower.Ready) when node.HeldMiB is not null:
                ResizeAgain(turn, host, node, look);
                break;
            case (NodePresence.Running, NodePower.Unknown):
                StartAgain(turn, host, node, look);
                break;
            case (NodePresence.Running, NodePower.Off) when Strays.IsKept(turn, seen):
                turn.Record(new NodePowerChanged(node.Id, NodePower.Ready, node.Run));
                break;
            case (NodePresence.Running, NodePower.Off):
                StopAgain(turn, host, node);
                break;
            case (NodePresence.Absent, NodePower.Unknown or NodePower.Ready or NodePower.Starting):
                turn.Record(new NodePowerChanged(node.Id, NodePower.Off, node.Run, new Failure(
                    "machine-ended", $"Its machine ended on host {turn.State.ShownName(host)}.",
                    "Read `vio node logs`, then `vio node start`.")));
                break;
            default:
                return node.Power != NodePower.Unknown;
        }

        return true;
    }

    /// <summary>
    /// A change of memory that nobody confirmed: what the guest has now could still change, so it is told again, under
    /// a new run that a late copy of that change cannot pass. Its end frees the room.
    /// </summary>
    private static void ResizeAgain(Turn turn, HostId host, NodeState node, int look)
    {
        turn.Decide(node.Id, node.Power);
        var run = node.Run + 1;
        turn.Tell(Turn.Host(host), new HostCommand(
            (Stray(turn, node.Id, look) with { MemoryRun = run }).ToString(), turn.State.Id, new ResizeNode
            {
                Node = node.Id,
                Run = run,
                MemoryMiB = node.MemoryMiB,
                CpuWeight = node.CpuWeight,
                CpuQuotaPercent = node.CpuQuotaPercent,
            }));
    }

    private static void TakeMemory(Turn turn, NodeState node, CommandAnswer answer, int look, long run)
    {
        // Whatever was decided since knows that the larger amount is held.
        if (node.Run != run || turn.State.BusyWith(node.Id) is not null) return;
        if (answer.Outcome.Failure is not { } failure)
            FreeHeld(turn, answer.Host, node);
        else if (failure.Code != FailureCode.HostUnreachable)
            Looks.Later(turn, node, look, failure);
    }

    private static void FreeHeld(Turn turn, HostId host, NodeState node)
    {
        turn.Record(new NodeMemoryHeld(node.Id, null));
        turn.Tell(Turn.Host(host), new Book(
            (Stray(turn, node.Id) with { Room = true }).ToString(), turn.State.Id, node.Id, node.MemoryMiB,
            node.Spec.Vcpus, node.DiskMiB));
    }

    /// <summary>
    /// What was unknown runs after all. It is told so under a new run: a stop that was given up may still be on its
    /// way, and must find a higher run than its own.
    /// </summary>
    private static void StartAgain(Turn turn, HostId host, NodeState node, int look)
    {
        turn.Decide(node.Id, NodePower.Starting);
        turn.Tell(Turn.Host(host), new HostCommand(
            Stray(turn, node.Id, look).ToString(), turn.State.Id, new StartNode
            {
                Node = node.Id,
                Run = node.Run + 1,
                Shape = Shapes.Of(turn.State, node),
            }));
    }

    private static void Reassured(Turn turn, NodeState node, CommandAnswer answer, int look)
    {
        // An operation that starts the node itself says how that ended; any other needs to know what the node is.
        if (node.Power != NodePower.Starting || turn.State.BusyWith(node.Id)?.Added.Contains(node.Id) == true) return;
        var failure = turn.Named(answer.Outcome.Failure);
        var power = failure is null ? NodePower.Ready : NodePower.Unknown;
        turn.Record(new NodePowerChanged(node.Id, power, node.Run, failure));
        if (failure is null && node.HeldMiB is not null && turn.State.BusyWith(node.Id) is null)
            ResizeAgain(turn, answer.Host, turn.State.Nodes[node.Id], look: 1);
        if (failure is null || failure.Code == FailureCode.HostUnreachable) return;
        Looks.Later(turn, turn.State.Nodes[node.Id], look, failure);
    }

    private static void StopAgain(Turn turn, HostId host, NodeState node)
    {
        turn.Decide(node.Id, NodePower.Off);
        turn.Tell(Turn.Host(host), new HostCommand(
            Stray(turn, node.Id).ToString(), turn.State.Id, new StopNode { Node = node.Id, Run = node.Run + 1 }));
    }

    private static void Elsewhere(Turn turn, HostId host, NodeState node, NodeObservation seen)
    {
        turn.Decide(node.Id, node.Power);
        RemoveStray(turn, host, seen.Node, Math.Max(seen.Run, node.Run) + 1);
    }

    /// <summary>Removes a node from a host where it does not belong; its room there is freed afterwards.</summary>
    public static void RemoveStray(Turn turn, HostId host, NodeId node, long run) =>
        turn.Tell(Turn.Host(host), new HostCommand(
            (Stray(turn, node) with { Removal = true }).ToString(), turn.State.Id,
            new RemoveNode { Node = node, Run = run }));

    /// <summary>Asks a host whether it still holds what does not belong there.</summary>
    public static void AskForStray(Turn turn, HostId host, NodeId node) =>
        turn.Tell(Turn.Host(host), new HostCommand(
            (Stray(turn, node) with { Sighting = true }).ToString(), turn.State.Id, new ObserveNode { Node = node }));

    /// <summary>
    /// The host did not answer that: it is asked until it does, for its next hello is silent about what it does not
    /// hold.
    /// </summary>
    public static void AskForStrayLater(Turn turn, HostId host, NodeId node) =>
        turn.Wake($"{host}/{node}", AskAgainPause, new LookAtReturned(host, new NodeObservation
        {
            Node = node,
            Presence = NodePresence.Running,
            Generation = turn.Info.Generation - 1,
        }));

    private static RequestId.OfStray Stray(Turn turn, NodeId node, int look = 1) =>
        new(turn.Info.DeriveId("stray"), look, node);
}
