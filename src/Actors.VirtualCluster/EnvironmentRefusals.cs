using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>Every sentence with which an environment says no.</summary>
internal static class EnvironmentRefusals
{
    public static Decision Missing(EnvironmentState state) => Decision.Refuse(
        FailureCode.NotFound, $"There is no environment {(state.Name.Length > 0 ? state.Name : state.Id.Value)}.",
        "List yours with `vio env ls`.");

    public static Decision NoNode(EnvironmentState state, NodeId node) => Decision.Refuse(
        FailureCode.NotFound, $"Environment {state.Name} has no node {node}.",
        $"List its nodes with `vio node ls {state.Name}`.");

    public static Decision NoHosts(EnvironmentState state, Principal who) => Decision.Refuse(
        FailureCode.Forbidden,
        $"{who.Name} ({who.Role.ToString().ToLowerInvariant()}) may not give a host an interface in "
            + $"environment {state.Name}: it opens the host to the environment's nodes.",
        "Ask an operator.");

    public static Decision MachineConnected(EnvironmentState state, MachineConnection machine) => Decision.Refuse(
        "machine-connected", $"Machine {machine.Name} is connected to environment {state.Name}.",
        $"End `vio connect` there, or `vio disconnect {state.Name} {machine.Name}`.");

    public static Decision NoMachine(EnvironmentState state, string name) => Decision.Refuse(
        FailureCode.NotFound, $"No machine '{NameRule.Shown(name)}' is connected to environment {state.Name}.",
        "Name one that is connected.");

    public static Decision NotConnected(EnvironmentState state, string name) => Decision.Refuse(
        FailureCode.NotConnected,
        $"Machine '{NameRule.Shown(name)}' is not connected to environment {state.Name} any more: "
            + "somebody disconnected it, or it was not heard of for the time of its lease.",
        $"Connect it again with `vio connect {state.Name}`; `vio events` says what happened.");

    public static Decision LeaseOutOfRange(EnvironmentState state, string name, int seconds) => Decision.Refuse(
        "out-of-range", $"A lease of {seconds} s for machine '{NameRule.Shown(name)}' of environment {state.Name} is "
            + $"outside {MachineLease.ShortestSeconds} to "
            + $"{MachineLease.LongestSeconds} s.",
        "Choose a time in that range, or none.");

    public static Failure NotHeardOf(MachineConnection machine, int seconds) => new(
        "not-heard-of", $"Machine {machine.Name} was not heard of for {seconds} s: its `vio connect` was killed, its "
            + "host is off, or the network between them and the site is gone.",
        "Connect it again with `vio connect`.");

    public static Decision MachineName(EnvironmentState state, string name, string why) => Decision.Refuse(
        "bad-name", $"'{NameRule.Shown(name)}' cannot be a machine's name in environment {state.Name}: it {why}.",
        "Choose another with `--name`.");

    public static Decision NoRoomForMachine(EnvironmentState state, string why) => Decision.Refuse(
        "no-room", $"Environment {state.Name} takes no other machine: {why}.", "Disconnect one that is not needed.");

    public static Decision NoOperation(EnvironmentState state, OperationId id) => Decision.Refuse(
        FailureCode.NotFound, $"Environment {state.Name} has no operation {id}.", "List operations with `vio op ls`.");

    public static Decision Forbidden(EnvironmentState state, Principal who, string what) => Decision.Refuse(
        FailureCode.Forbidden,
        $"{who.Name} ({who.Role.ToString().ToLowerInvariant()}) may not {what} "
            + $"environment {state.Name} of {state.Owner}.",
        $"Ask {state.Owner} or an administrator.");

    public static Decision Internal(string message) => Decision.Refuse(
        FailureCode.Forbidden, $"{message} is a message between actors.", "Use the commands of the API.");

    public static Decision Busy(EnvironmentState state, OperationState op) => Decision.Refuse(
        "busy", $"Environment {state.Name} is busy with operation {op.Id} ({op.Kind.ToString().ToLowerInvariant()}).",
        $"Wait for it with `vio op watch {op.Id}`, or end it with `vio op cancel {op.Id}`.");

    public static Decision NodeBusy(NodeState node, OperationState op) => Decision.Refuse(
        "node-busy", $"Node {node.Spec.Name} is busy with operation {op.Id} ({op.Kind.ToString().ToLowerInvariant()}).",
        $"Wait for it with `vio op watch {op.Id}`, or end it with `vio op cancel {op.Id}`.");

    public static Decision NotRunning(NodeState node, string what) => Decision.Refuse(
        "not-running", $"Node {node.Spec.Name} is {Word(node)}, and only a running node can be {what}.{Cause(node)}",
        WhyUnknown(node)?.Remedy ?? $"Start it with `vio node start ENVIRONMENT/{node.Spec.Name}`.");

    public static Decision CannotStart(NodeState node) => Decision.Refuse(
        "not-stopped", $"Node {node.Spec.Name} is {Word(node)}, and only a stopped or lost node can be started."
            + Cause(node),
        WhyUnknown(node)?.Remedy ?? $"Stop it first with `vio node stop ENVIRONMENT/{node.Spec.Name}`.");

    public static Decision SameHost(EnvironmentState state, NodeState node) => Decision.Refuse(
        "same-host", $"Node {node.Spec.Name} already runs on host {state.ShownName(node.Host!.Value)}.",
        "Name another host, or none to let the site choose.");

    public static Decision Marked(NodeState node, NodeState other) => Decision.Refuse(
        "marked", node.Spec.Apart is { } apart && apart == other.Spec.Apart
            ? $"Node {node.Spec.Name} is apart from node {other.Spec.Name} by the mark '{apart}', which is there or "
                + "about to be."
            : $"Node {node.Spec.Name} stays together with node {other.Spec.Name} by the mark "
                + $"'{node.Spec.Together}', which would not be there.",
        "Name another host, or none to let the site choose.");

    public static Decision TooLate(OperationState op) => Decision.Refuse(
        "too-late", $"Operation {op.Id} is past the point where it can be cancelled.",
        $"Watch its end with `vio op watch {op.Id}`.");

    public static Decision Amount(NodeState node, string what, long value, long lowest, long highest) =>
        Decision.Refuse(
            "out-of-range", $"{what} {value} of node {node.Spec.Name} is outside {lowest} to {highest}.",
            "Choose a value in that range.");

    public static Failure CancelledBy(string principal) =>
        new(FailureCode.Cancelled, $"The operation was cancelled by {principal}.", "Ask again when it is wanted.");

    public static Failure Of(Refusal refusal) => new(refusal.Code, refusal.Reason, refusal.Remedy);

    /// <summary>Why nobody knows whether the node runs; null when it is known.</summary>
    private static Failure? WhyUnknown(NodeState node) => node.Power != NodePower.Unknown ? null : node.Why ?? new(
        FailureCode.HostUnreachable, "Its host could not be asked.",
        "Bring its host back, or declare it off with `vio host fenced NAME --yes`.");

    private static string Cause(NodeState node) => WhyUnknown(node) is { } why ? $" {why.Reason}" : "";

    private static string Word(NodeState node) => node.Power.ToString().ToLowerInvariant();
}
