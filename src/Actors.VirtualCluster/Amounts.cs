using VioActors.Contracts.Environments;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>Limits of what a running node can be given.</summary>
internal static class Amounts
{
    /// <summary>
    /// Least memory a balloon leaves to a guest, MiB: below this, small guests die instead of shrinking.
    /// </summary>
    public const int LowestMemoryMiB = 64;

    /// <summary>A refusal that names the first value out of range, or null.</summary>
    public static Decision? Check(NodeState node, NodeAmounts to)
    {
        if (to.MemoryMiB < LowestMemoryMiB || to.MemoryMiB > node.Spec.MemoryMiB)
            return EnvironmentRefusals.Amount(node, "Memory (MiB)", to.MemoryMiB, LowestMemoryMiB, node.Spec.MemoryMiB);
        if (to.CpuWeight is < 1 or > 10_000)
            return EnvironmentRefusals.Amount(node, "CPU weight", to.CpuWeight, 1, 10_000);
        return to.CpuQuotaPercent is { } percent && (percent < 5 || percent > 100 * node.Spec.Vcpus)
            ? EnvironmentRefusals.Amount(node, "CPU quota (percent)", percent, 5, 100 * node.Spec.Vcpus)
            : null;
    }
}
