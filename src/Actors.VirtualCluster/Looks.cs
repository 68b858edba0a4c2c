using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// When a command's end leaves open whether a node runs, or its host says that the machine may have ended, the host is
/// asked what it sees until that settles it: a bounded number of times, with growing pauses. A host that is away is not
/// asked again: it tells when it comes back (<see cref="HostNotices"/>).
/// </summary>
internal static class Looks
{
    /// <summary>Looks at one node before its environment leaves it as it is; they take about 8 minutes.</summary>
    public const int Most = 20;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Looks at all nodes that an operation leaves in doubt; call it when the operation has ended.</summary>
    public static void AfterFailure(Turn turn, OperationState op)
    {
        foreach (var node in op.Nodes) Look(turn, new LookAtNode(node, 1));
    }

    /// <summary>A host says that these machines may have ended. It is asked, because news can be old.</summary>
    public static void Ended(Turn turn, NodesEndedNotice notice)
    {
        foreach (var node in notice.Nodes)
            if (turn.State.Nodes.GetValueOrDefault(node)?.Host == notice.Host)
                Look(turn, new LookAtNode(node, 1));
    }

    /// <summary>Asks the host, unless an operation works on the node: then later.</summary>
    public static void Look(Turn turn, LookAtNode look)
    {
        if (turn.State.Nodes.GetValueOrDefault(look.Node) is not { Host: { } host } node
            || node.Power is not (NodePower.Ready or NodePower.Starting or NodePower.Unknown))
            return;
        if (turn.State.BusyWith(node.Id) is not null)
            Later(turn, node, look.Look, why: null);
        else
            turn.Tell(Turn.Host(host), new HostCommand(
                new RequestId.OfLook(look.Look, node.Run, turn.Info.DeriveId("look"), node.Id).ToString(),
                turn.State.Id, new ObserveNode { Node = node.Id }));
    }

    /// <summary>
    /// The answer to a look. It counts only when nothing was decided about the node since the question.
    /// </summary>
    public static void Take(Turn turn, RequestId.OfLook asked, CommandAnswer answer)
    {
        if (turn.State.Nodes.GetValueOrDefault(answer.Node) is not { } node || node.Host != answer.Host) return;
        var outcome = answer.Outcome;
        if (outcome.Failure?.Code == FailureCode.HostUnreachable) return;
        var settled = outcome is { Failure: null, Observation: { } seen } && node.Run == asked.Run
            && node.Power != NodePower.Starting && turn.State.BusyWith(node.Id) is null
            && HostNotices.Settle(turn, answer.Host, node, seen, asked.Look);
        if (!settled) Later(turn, node, asked.Look, outcome.Failure);
    }

    /// <summary>Looks again after a pause; after the last look an unknown node says why it stays so.</summary>
    public static void Later(Turn turn, NodeState node, int look, Failure? why)
    {
        if (look < Most)
        {
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 1 << Math.Min(look - 1, 10)));
            turn.Wake(node.Id.Value, pause, new LookAtNode(node.Id, look + 1));
        }
        else if (node.Power == NodePower.Unknown)
        {
            var host = turn.State.ShownName(node.Host!.Value);
            turn.Record(new NodePowerChanged(node.Id, NodePower.Unknown, node.Run, turn.Named(new Failure(
                "not-observed",
                $"Host {host} is connected, but {Most} looks did not show whether the machine runs"
                    + (why is null ? "." : $": {why.Reason}"),
                $"See the log of the agent of {host} and mend what it names, then restart the agent."))));
        }
    }
}
