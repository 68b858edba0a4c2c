using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// Machines that hosts hold under decisions of an earlier generation and that the environment does not expect there:
/// made or moved after the copy of the store that was put back. They may be all that is left of somebody's work, so
/// they stay until an operator says otherwise, and nothing starts in their place.
/// </summary>
internal static class Strays
{
    private const string Elsewhere = "node-elsewhere";

    /// <summary>Whether the host acted on a decision that this generation may not know.</summary>
    public static bool IsKept(Turn turn, NodeObservation seen) =>
        seen.Generation > 0 && seen.Generation < turn.Info.Generation;

    /// <summary>Whether it was found on a host where its environment does not expect it.</summary>
    public static bool IsElsewhere(NodeState node) =>
        node.Power == NodePower.Unknown && node.Why?.Code == Elsewhere;

    /// <summary>
    /// A node that is expected on another host: until that is settled, nobody knows where it is. The host is asked, for
    /// it may have said this before the node left it.
    /// </summary>
    public static void Found(Turn turn, HostId host, NodeState node)
    {
        if (!IsElsewhere(node)) Mark(turn, host, node);
        HostNotices.AskForStray(turn, host, node.Id);
    }

    /// <summary>What the host says when it is asked.</summary>
    public static void Take(Turn turn, NodeState? node, CommandAnswer answer, RequestId.OfStray asked)
    {
        if (node is null || node.Host == answer.Host) return;
        if (answer.Outcome is not { Failure: null, Observation: { } seen })
        {
            if (IsElsewhere(node) && turn.Info.Generation > 1) HostNotices.AskForStrayLater(turn, answer.Host, node.Id);
            return;
        }
        // An agent that does not say its generation is taken at its first word.
        var isNothing = seen.Presence == NodePresence.Absent && seen.Environment is null;
        var isHeld = !isNothing && seen.Generation < turn.Info.Generation;
        // The host booked room for it when it said so.
        if (isNothing) HostNotices.TakeRemoval(turn, node, answer, asked);
        if (isHeld && turn.State.BusyWith(node.Id) is null)
            Mark(turn, answer.Host, node);
        else if (isHeld && IsKept(turn, seen))
            HostNotices.Place(turn, new LookAtReturned(answer.Host, seen));
        else if (IsElsewhere(node) && node.Why == WhyOf(turn, answer.Host, node))
        {
            turn.Record(new NodePowerChanged(node.Id, NodePower.Unknown, node.Run));
            Looks.Look(turn, new LookAtNode(node.Id, 1));
        }
    }

    /// <summary>An operator gives such a machine up.</summary>
    public static Decision Clear(Turn turn, ClearStray ask)
    {
        var by = Principal.Parse(turn.Info.Principal);
        if (turn.Info.Sender is not null || by.Role is not (Role.Operator or Role.Admin))
            return EnvironmentRefusals.Forbidden(turn.State, by, "clear hosts of");
        var node = turn.State.Nodes.GetValueOrDefault(ask.Node);
        if (node?.Host == ask.Host)
            return Decision.Refuse(
                "not-a-stray", $"Node {node.Spec.Name} of environment {turn.State.Name} belongs on that host.",
                "Stop it, or delete its environment.");
        if (node is not null && turn.State.BusyWith(node.Id) is { } op) return EnvironmentRefusals.NodeBusy(node, op);
        if (node is not null) turn.Decide(node.Id, IsElsewhere(node) ? NodePower.Off : node.Power);
        HostNotices.RemoveStray(turn, ask.Host, ask.Node, node is null ? HostNotices.LastRun : node.Run + 1);
        return turn.Decision;
    }

    private static void Mark(Turn turn, HostId host, NodeState node)
    {
        var why = WhyOf(turn, host, node);
        if (node.Power != NodePower.Unknown || node.Why != why)
            turn.Record(new NodePowerChanged(node.Id, NodePower.Unknown, node.Run, why));
    }

    private static Failure WhyOf(Turn turn, HostId host, NodeState node)
    {
        var name = turn.State.ShownName(host);
        return new Failure(
            Elsewhere, $"Host {name} holds it, by a decision that the adopted store lacks.",
            $"Save what is needed, then remove it there: vio host clear {name} {node.Id} --yes");
    }
}
