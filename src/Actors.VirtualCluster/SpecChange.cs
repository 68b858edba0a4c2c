using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster;

/// <summary>The difference between an environment as it is and as it is wanted.</summary>
/// <param name="Added">Nodes to make.</param>
/// <param name="Removed">Nodes to remove.</param>
/// <param name="Resized">Nodes to give other amounts.</param>
/// <param name="Limits">Limits to set, change or remove.</param>
/// <param name="Impossible">Set when the spec asks for a change that a living node cannot take.</param>
internal sealed record SpecChange(
    ImmutableArray<NodeSpec> Added, ImmutableArray<NodeState> Removed, ImmutableArray<NodeAmounts> Resized,
    ImmutableArray<LimitChange> Limits, Failure? Impossible)
{
    public bool IsEmpty => Added.IsEmpty && Removed.IsEmpty && Resized.IsEmpty && Limits.IsEmpty;

    public static SpecChange Between(EnvironmentState state, EnvironmentSpec wanted)
    {
        var present = state.Nodes.Values.ToDictionary(node => node.Spec.Name);
        var names = wanted.Nodes.Select(node => node.Name).ToHashSet();
        var kept = wanted.Nodes.Where(node => present.ContainsKey(node.Name))
            .Select(to => (from: present[to.Name], to)).ToList();
        return new SpecChange(
            [.. wanted.Nodes.Where(node => !present.ContainsKey(node.Name))],
            [.. state.Nodes.Values.Where(node => !names.Contains(node.Spec.Name))],
            [.. kept.Where(pair => Wanted(pair) != pair.from.Amounts).Select(Wanted)],
            LimitChange.Between(state, wanted),
            Subnet(state, wanted) ?? Network(state, wanted)
                ?? kept.Select(pair => Fixed(pair.from, pair.to)).FirstOrDefault(failure => failure is not null));
    }

    private static NodeAmounts Wanted((NodeState From, NodeSpec To) pair) =>
        new(pair.From.Id, pair.To.MemoryMiB, pair.To.CpuWeight, pair.To.CpuQuotaPercent);

    private static Failure? Subnet(EnvironmentState state, EnvironmentSpec wanted) =>
        !state.Exists || state.Subnet == wanted.Subnet
            ? null
            : new Failure(
                "fixed", $"The subnet of environment {state.Name} is {state.Subnet} and cannot become {wanted.Subnet}.",
                "Create another environment with that subnet.");

    private static Failure? Network(EnvironmentState state, EnvironmentSpec wanted) =>
        !state.Exists || (state.Network ?? new()) == (wanted.Network ?? new())
            ? null
            : new Failure(
                "fixed", $"The options of the network of environment {state.Name} are for life.",
                "Create another environment with these options.");

    /// <summary>What a node keeps for life.</summary>
    private static Failure? Fixed(NodeState from, NodeSpec to)
    {
        var (what, was, wants) =
            from.Spec.Image != to.Image ? ("image", from.Spec.Image, to.Image)
            : from.Spec.Vcpus != to.Vcpus ? ("vcpus", $"{from.Spec.Vcpus}", $"{to.Vcpus}")
            : to.Ip is not null && to.Ip != from.Ip ? ("ip", from.Ip, to.Ip)
            : to.Mac is not null && !to.Mac.Equals(from.Mac, StringComparison.OrdinalIgnoreCase)
                ? ("mac", from.Mac, to.Mac)
            : (from.Spec.KernelArguments ?? "") != (to.KernelArguments ?? "")
                ? ("kernelArguments", from.Spec.KernelArguments ?? "", to.KernelArguments ?? "")
            : from.Spec.Apart != to.Apart ? ("apart", from.Spec.Apart ?? "", to.Apart ?? "")
            : from.Spec.Together != to.Together ? ("together", from.Spec.Together ?? "", to.Together ?? "")
            : to.MemoryMiB > from.Spec.MemoryMiB
                ? ("memory above what it started with", $"{from.Spec.MemoryMiB} MiB", $"{to.MemoryMiB} MiB")
            : ("", "", "");
        return what.Length == 0 ? null : new Failure(
            "fixed", $"Node {to.Name}: its {what} is '{was}' for life and cannot become '{wants}'.",
            "Remove the node from the spec and add one with another name.");
    }
}
