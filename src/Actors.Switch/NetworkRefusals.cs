using VioActors.Contracts;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.Switch;

/// <summary>Every refusal and failure of a network: names the thing, the limit and the next step.</summary>
internal static class NetworkRefusals
{
    internal static Refusal Forbidden(object message, in TurnInfo info) => new(
        FailureCode.Forbidden, $"The network '{info.Self.Id}' takes no {message.GetType().Name} from "
            + $"{info.Sender?.ToString() ?? $"'{info.Principal}'"}: only its environment and the switches of hosts "
            + "speak to it.",
        "Change the environment; its network follows.");

    internal static Refusal BadSubnet(string subnet, string problem) => new(
        "bad-subnet", $"The subnet '{subnet}' {problem}.", "Give the environment another subnet.");

    internal static Failure NotCreated(EnvironmentId environment) => new(
        "no-network", $"The environment '{environment}' has no network yet.", "Send CreateNetwork first.");

    internal static Failure NotPlugged(NodeId node) => new(
        FailureCode.NotFound, $"Node '{node}' is not in the network's table.", "Plug it in first.");

    internal static Failure AlreadyThere(NodeId node, HostId host) => new(
        "already-there", $"Node '{node}' is on host '{host}' already; a second port must be on another host.",
        "Choose another host.");

    internal static Failure BadAddress(PlugItem item, SubnetPlan plan) => new(
        "bad-address",
        $"Node '{item.Node}' cannot have {item.Ip}: nodes of {plan} have {Ipv4.Format(plan.FirstNode)} to "
            + $"{Ipv4.Format(plan.LastNode)}.", "Choose an address in that range.");

    internal static Failure AddressTaken(PlugItem item, NodeId other) => new(
        "address-taken",
        $"Node '{item.Node}' cannot have {item.Ip} and {item.Mac}: one of them is that of node '{other}'.",
        "Choose a free address.");

    internal static Failure TooManyHosts(SubnetPlan plan) => new(
        "too-many-hosts",
        $"The subnet {plan} keeps {plan.HostCount} addresses for the probers of hosts, so it spans at "
            + $"most {plan.HostCount} hosts.", "Use fewer hosts, or a larger subnet.");

    internal static Refusal TooManyLimits(int count) => new(
        "too-many-limits",
        $"The list of {count} limits between pairs of nodes is longer than the {NetworkLimits.PairLimits} that a "
            + "switch keeps.",
        "Limit fewer pairs.");

    internal static Failure TooManyWaits() => new(
        "busy", $"The network has {NetworkLimits.Waits} requests that wait for switches, which is the most.",
        "Try again when some were answered.");
}
