using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Agent;

/// <summary>Why an agent did not carry out a command.</summary>
internal static class AgentRefusals
{
    public static AgentOutcome Stale(AgentCommand command, RunPair known, RunPair asked) => AgentOutcome.Failed(
        FailureCode.StaleRun,
        $"Node {command.Node}: this host has seen {known}, and the command was decided under {asked}.",
        "Nothing was done; ask the environment for the node's present run.");

    public static AgentOutcome NoRun(AgentCommand command) => AgentOutcome.Failed(
        "no-run", $"Node {command.Node}: a command that changes it came without a run number.",
        "Send the run number under which it was decided, 1 or more.");

    public static AgentOutcome Busy(AgentCommand command) => AgentOutcome.Failed(
        "busy", $"Node {command.Node}: {NodeLanes.MaxPerNode} commands wait for it on this host already.",
        "Send it again when one has been answered.");

    public static AgentOutcome Runs(RemoveNode command, NodeObservation seen) => AgentOutcome.Failed(
        FailureCode.StillRuns,
        $"Node {command.Node}: its machine runs on this host, and was to be cleaned up after a move.",
        "See the node's state.") with
    { Observation = seen };

    public static AgentOutcome NotReady(AwaitReady command, NodeObservation seen, string said) => AgentOutcome.Failed(
        FailureCode.NotReady,
        $"Node {command.Node} did not answer ARP and ICMP at {command.Ip} within {command.TimeoutSeconds} s; "
            + $"its machine is {seen.Presence.ToString().ToLowerInvariant()}; its console "
            + (said.Length > 0 ? $"ends with: {said}" : "is empty."),
        "Mend what the guest complains of (image, kernel arguments, memory), or raise readyTimeout.") with
    { Observation = seen };

    public static AgentOutcome MoveInterrupted(SendMove send, NodeObservation seen) => AgentOutcome.Failed(
        "move-interrupted",
        $"Node {send.Node}: the agent of this host ended during move {send.Move}; the node still runs here.",
        "Move it again.") with
    { Observation = seen };

    public static Failure MoveAborted(SendMove send) => new(
        "move-aborted", $"Move {send.Move} of node {send.Node} was aborted before it began.",
        "Move it again if it should move.");

    public static AgentOutcome Stopping(AgentCommand command) => AgentOutcome.Failed(
        FailureCode.HostUnreachable,
        $"Node {command.Node}: the agent of this host is stopping; what was done is not known.",
        "Ask again when the agent is back.");

    public static Failure Bug(AgentCommand command, Exception bug) => new(
        "agent-bug", $"Node {command.Node}: {command.GetType().Name} met a bug: {bug.GetType().Name}: {bug.Message}",
        "Report it with the agent's log.");
}
