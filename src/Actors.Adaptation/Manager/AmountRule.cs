namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// Whose an amount is. What is written in a spec is where a node starts, and the manager may change it; what somebody
/// set since is that person's, and the manager leaves it until it is as written again.
/// </summary>
public static class AmountRule
{
    /// <summary>What of a node's amounts may not be changed, and why.</summary>
    /// <param name="written">What its owner wrote when the node was made.</param>
    /// <param name="now">What it has now.</param>
    /// <param name="memory">What the manager did to it; null: nothing.</param>
    /// <param name="hasBalloon">Whether its guest says how much memory it uses.</param>
    public static NodeHolds Of(NodeAmount written, NodeAmount now, NodeMemory? memory, bool hasBalloon)
    {
        var weight = now.CpuWeight == written.CpuWeight || now.CpuWeight == memory?.CpuWeight
            ? null
            : "somebody set its CPU weight";
        var quota = now.CpuQuotaPercent == written.CpuQuotaPercent
            || (memory?.CpuQuotaPercent is { } set && (now.CpuQuotaPercent ?? 0) == set)
            ? null
            : "somebody set its CPU limit";
        var balloon = !hasBalloon ? "its guest does not say how much memory it uses"
            : now.MemoryMiB == written.MemoryMiB || now.MemoryMiB == memory?.GuestMiB ? null
            : "somebody set its memory";
        return new NodeHolds(weight, quota, balloon, null);
    }
}

/// <summary>Amounts of a node.</summary>
/// <param name="MemoryMiB">Memory, MiB.</param>
/// <param name="CpuWeight">CPU weight.</param>
/// <param name="CpuQuotaPercent">CPU limit, percent of one core; null: none.</param>
public sealed record NodeAmount(int MemoryMiB, int CpuWeight, int? CpuQuotaPercent);
