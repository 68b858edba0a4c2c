using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.Host;

/// <summary>What each message means to a host: presence and fencing here, amounts and commands next door.</summary>
internal static class HostDecider
{
    internal static Decision Decide(HostState state, object message, in TurnInfo info)
    {
        if (HostAccess.Check(message, info) is { } denied)
            return Decision.Refuse(denied);
        return message switch
        {
            HostConnected hello => Come(state, hello, info),
            HostDisconnected => Go(state),
            HostNodesEnded news => Ended(state, news),
            FenceHost => Fence(state),
            Book ask => HostLedger.Book(state, ask),
            BookNodes ask => HostLedger.Book(state, ask),
            Unbook ask => HostLedger.Unbook(state, ask),
            HostCommand ask => HostDoor.Send(state, ask, info),
            AgentAnswered done => HostDoor.End(state, done.RequestId, done.Outcome),
            EffectFailed failed => HostDoor.End(
                state, failed.EffectId, new AgentOutcome { Failure = HostRefusals.AgentFailed(state, failed) }),
            _ => throw new InvalidOperationException($"{message.GetType().Name} was let in but is not decided."),
        };
    }

    private static Decision Come(HostState state, HostConnected hello, in TurnInfo info)
    {
        var news = state.Presence != HostPresence.Connected || state.Site != hello.Site
            || state.Facts is null || !Same(state.Facts, hello.Facts);
        var decision = news
            ? Decision.Nothing.Record(new HostCame(state.Host, hello.Facts, hello.Site))
            : Decision.Nothing;
        decision = HostLedger.BookStrays(state, decision, hello.Nodes, info.Generation);
        // Told at every hello: the agent, the switch or the other server may be new although nothing changed for us.
        decision = HostLedger.WithCapacity(HostEvolve.Fold(state, decision), decision)
            .Tell(SwitchOf(state), new SwitchHostConnected(state.Host, hello.Facts.SwitchEndpoint));
        foreach (var (environment, nodes) in SeenByEnvironment(state, hello.Nodes))
            decision = decision.Tell(
                new ActorKey(ActorKinds.Environment, environment.Value), new HostReturnedNotice(state.Host, nodes));
        return decision;
    }

    /// <summary>What the host sees, by environment; a booked node that it does not know of is absent.</summary>
    private static SortedDictionary<EnvironmentId, List<NodeObservation>> SeenByEnvironment(
        HostState state, IReadOnlyList<NodeObservation> seen)
    {
        var all = new SortedDictionary<EnvironmentId, List<NodeObservation>>();
        void Add(EnvironmentId environment, NodeObservation node)
        {
            if (!all.TryGetValue(environment, out var nodes))
                all.Add(environment, nodes = []);
            nodes.Add(node);
        }

        foreach (var node in seen)
            if ((state.Bookings.GetValueOrDefault(node.Node)?.Environment ?? node.Environment) is { } environment)
                Add(environment, node);
        var known = seen.Select(node => node.Node).ToHashSet();
        foreach (var (node, booking) in state.Bookings)
            if (!known.Contains(node))
                Add(booking.Environment, new NodeObservation
                {
                    Node = node,
                    Environment = booking.Environment,
                    Presence = NodePresence.Absent,
                });
        return all;
    }

    /// <summary>Passed on to whose nodes they are; a host that is away tells all at its next hello.</summary>
    private static Decision Ended(HostState state, HostNodesEnded news)
    {
        var decision = Decision.Nothing;
        if (state.Presence != HostPresence.Connected) return decision;
        var booked = news.Nodes.Distinct().Where(state.Bookings.ContainsKey)
            .GroupBy(node => state.Bookings[node].Environment).OrderBy(nodes => nodes.Key);
        foreach (var nodes in booked)
            decision = decision.Tell(
                new ActorKey(ActorKinds.Environment, nodes.Key.Value), new NodesEndedNotice(state.Host, [.. nodes]));
        return decision;
    }

    private static Decision Go(HostState state) => state.Presence == HostPresence.Connected
        ? HostLedger.TellSite(state, Decision.Nothing.Record(new HostWent()))
            .Tell(SwitchOf(state), new SwitchHostDisconnected(state.Host))
        : Decision.Nothing;

    private static Decision Fence(HostState state)
    {
        if (state.Presence == HostPresence.Connected)
            return Decision.Refuse(HostRefusals.StillConnected(state.ShownName()));
        if (state.Presence == HostPresence.Fenced)
            return Decision.Nothing.Answer(new HostFencedReply(0));
        var decision = Decision.Nothing;
        foreach (var requestId in state.Commands.Keys)
            decision = decision.Then(HostDoor.End(
                state, requestId, new AgentOutcome { Failure = HostRefusals.FencedMeanwhile(state) }));
        decision = HostLedger.TellSite(state, decision.Record(new HostWasFenced()));
        decision = decision with { CancelledEffects = [.. state.Commands.Keys] };
        foreach (var environment in state.Bookings.Values.Select(booking => booking.Environment).Distinct().Order())
            decision = decision.Tell(
                new ActorKey(ActorKinds.Environment, environment.Value), new HostFencedNotice(state.Host));
        return decision.Answer(new HostFencedReply(state.Bookings.Count));
    }

    private static ActorKey SwitchOf(HostState state) => new(ActorKinds.Switch, state.Host.Value);

    private static bool Same(HostFacts left, HostFacts right) =>
        left with { MachineTypes = [], CpuModels = [] } == right with { MachineTypes = [], CpuModels = [] }
        && Plain(left.MachineTypes).SequenceEqual(Plain(right.MachineTypes))
        && Plain(left.CpuModels).SequenceEqual(Plain(right.CpuModels));

    private static ImmutableArray<string> Plain(ImmutableArray<string> words) => words.IsDefault ? [] : words;
}
