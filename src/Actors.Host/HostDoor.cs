using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Actors.Host;

/// <summary>The door to the agent: commands go out as effects under their request id, outcomes come back.</summary>
internal static class HostDoor
{
    internal static Decision Send(HostState state, HostCommand ask, in TurnInfo info)
    {
        if (state.Commands.TryGetValue(ask.RequestId, out var pending))
            return pending.Environment == ask.Environment
                ? Decision.Nothing // asked twice: the one answer is still to come
                : Fail(state, ask, HostRefusals.RequestTaken(ask.RequestId));
        if (state.Presence != HostPresence.Connected)
            return Fail(state, ask, HostRefusals.Unreachable(state));
        if (state.Commands.Count >= HostLimits.CommandsInFlight)
            return Fail(state, ask, HostRefusals.Busy(state));
        if (HostLedger.Uncovered(state, ask) is { } uncovered)
            return Fail(state, ask, uncovered);
        return Decision.Nothing
            .Record(new CommandSent(ask.RequestId, ask.Environment, ask.Command.Node))
            .Start(
                ask.RequestId, ActorKinds.AgentEffect,
                new AgentCall(state.Host, info.Generation, ask.Command, info.Principal));
    }

    /// <summary>The command is over; news of one that nobody waits for changes nothing.</summary>
    internal static Decision End(HostState state, string requestId, AgentOutcome outcome) =>
        state.Commands.TryGetValue(requestId, out var pending)
            ? Decision.Nothing.Record(new CommandEnded(requestId)).Tell(
                new ActorKey(ActorKinds.Environment, pending.Environment.Value),
                new CommandAnswer(requestId, state.Host, pending.Node, outcome))
            : Decision.Nothing;

    private static Decision Fail(HostState state, HostCommand ask, Failure failure) => Decision.Nothing.Tell(
        new ActorKey(ActorKinds.Environment, ask.Environment.Value),
        new CommandAnswer(ask.RequestId, state.Host, ask.Command.Node, new AgentOutcome { Failure = failure }));
}
