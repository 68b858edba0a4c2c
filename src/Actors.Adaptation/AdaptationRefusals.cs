using VioActors.Contracts;

namespace VioActors.Actors.Adaptation;

/// <summary>Why samples, inventories and plans are refused: each names the thing, the limit, the next step.</summary>
internal static class AdaptationRefusals
{
    internal static Failure BadNumber(string what, double value, string allowed) => new(
        "bad-number", $"The {what} is {value}, allowed is {allowed}.", "Check what measures it; nothing was changed.");

    internal static Failure FromTheFuture(NodeId node, DateTimeOffset at, DateTimeOffset now) => new(
        "from-the-future", $"A sample of node {node} is of {at:O}, the clock here says {now:O}.",
        "Set the clock of that host.");

    internal static Failure OldSample(NodeId node, DateTimeOffset at, DateTimeOffset newest) => new(
        "old-sample", $"A sample of node {node} is of {at:O}, one of {newest:O} is known already.",
        "None is needed: the newer one counts.");

    internal static Failure UnknownNode(NodeId node) => new(
        FailureCode.NotFound, $"Node {node} is not known here.", "Register the node before its samples.");

    internal static Failure UnknownHost(NodeId node, HostId host) => new(
        FailureCode.NotFound, $"Host {host} of node {node} is not known here.", "Take a new inventory.");

    internal static Failure Twice(string what) => new(
        "twice", $"The inventory has {what} twice.", "Take a new inventory.");

    internal static Failure Split(EnvironmentId environment) => new(
        "split", $"Nodes of environment {environment} that are not pinned are in several sites.",
        "Move them into one site, or pin those that must stay.");

    internal static Failure Stale(long plan, long inventory) => new(
        "stale-plan", $"The plan was made on inventory {plan}, now it is {inventory}.", "Make a new plan.");

    internal static Failure Plan(string code, string reason) => new(code, reason, "Make a new plan.");
}
