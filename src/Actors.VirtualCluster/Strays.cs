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

    /// <summary>A node that is expected on another host: until that is settled, nobody knows where it is.</summary>
    public static void Found(Turn turn, HostId host, NodeState node)
    {
        if (IsElsewhere(node)) return;
        var name = turn.State.ShownName(host);
        turn.Record(new NodePowerChanged(node.Id, NodePower.Unknown, node.Run, new Failure(
            Elsewhere, $"Host {name} holds it, by a decision that the adopted store lacks.",
            $"Save what is needed, then remove it there: vio host clear {name} {node.Id} --yes")));
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
}
