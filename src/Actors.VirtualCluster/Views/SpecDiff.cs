using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Api;

namespace VioActors.Actors.VirtualCluster.Views;

/// <summary>
/// What applying a spec would change, for people; by the same comparison that the environment decides with.
/// </summary>
public static class SpecDiff
{
    /// <summary>The difference between a state (null or not existing: all is new) and a spec.</summary>
    public static ImmutableArray<DiffLine> Of(EnvironmentState? current, EnvironmentSpec wanted)
    {
        var state = current ?? new EnvironmentState { Id = default };
        var change = SpecChange.Between(state, wanted);
        var lines = ImmutableArray.CreateBuilder<DiffLine>();
        if (!state.Exists) lines.Add(new DiffLine("+", $"environment {wanted.Name}", $"subnet {wanted.Subnet}"));
        foreach (var node in change.Added)
            lines.Add(new DiffLine(
                "+", $"node {node.Name}", $"image {node.Image}, {node.MemoryMiB} MiB, {node.Vcpus} vCPU"));
        foreach (var node in change.Removed)
            lines.Add(new DiffLine("-", $"node {node.Spec.Name}", $"{node.Ip}, on {node.Host?.Value ?? "no host"}"));
        foreach (var to in change.Resized)
            lines.Add(new DiffLine("~", $"node {state.Nodes[to.Node].Spec.Name}", Changes(state.Nodes[to.Node], to)));
        foreach (var limit in change.Limits)
            lines.Add(new DiffLine(
                limit.Was is null ? "+" : limit.Becomes is null ? "-" : "~",
                limit.Second is null ? $"limit of {limit.First}" : $"limit between {limit.First} and {limit.Second}",
                Rates(limit)));
        if (change.Impossible is { } failure) lines.Add(new DiffLine("!", failure.Reason, failure.Remedy));
        return lines.ToImmutable();
    }

    private static string Changes(NodeState from, Contracts.Environments.NodeAmounts to)
    {
        var parts = new List<string>();
        if (from.MemoryMiB != to.MemoryMiB) parts.Add($"memory {from.MemoryMiB} -> {to.MemoryMiB} MiB");
        if (from.CpuWeight != to.CpuWeight) parts.Add($"weight {from.CpuWeight} -> {to.CpuWeight}");
        if (from.CpuQuotaPercent != to.CpuQuotaPercent)
            parts.Add($"quota {Percent(from.CpuQuotaPercent)} -> {Percent(to.CpuQuotaPercent)}");
        return string.Join(", ", parts);
    }

    private static string Rates(LimitChange limit) => (limit.Was, limit.Becomes) switch
    {
        ({ } was, { } becomes) => $"{was} -> {becomes} kbit/s",
        var (was, becomes) => $"{was ?? becomes} kbit/s",
    };

    private static string Percent(int? quota) => quota is { } percent ? $"{percent} %" : "none";
}
