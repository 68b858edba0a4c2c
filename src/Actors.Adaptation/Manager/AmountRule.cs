namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// Whose an amount is. What an owner wrote or set is the owner's, and the manager leaves it; it changes only what is as
/// usual, or as it set it itself.
/// </summary>
public static class AmountRule
{
    private const int UsualWeight = 100;

    /// <summary>What of a node's amounts may not be changed, and why.</summary>
    /// <param name="written">What its owner wrote when the node was made.</param>
    /// <param name="now">What it has now.</param>
    /// <param name="memory">What the manager did to it; null: nothing.</param>
    /// <param name="hasBalloon">Whether its guest says how much memory it uses.</param>
    public static NodeHolds Of(NodeAmount written, NodeAmount now, NodeMemory? memory, bool hasBalloon)
    {
        var weight = written.CpuWeight != UsualWeight ? "its owner wrote a CPU weight"
            : now.CpuWeight == UsualWeight || now.CpuWeight == memory?.CpuWeight ? null
            : "somebody set its CPU weight";
        var quota = written.CpuQuotaPercent is not null ? "its owner wrote a CPU limit"
            : now.CpuQuotaPercent is null || now.CpuQuotaPercent == memory?.CpuQuotaPercent ? null
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
