using System.Collections.Immutable;

namespace VioActors.Actors.Adaptation.Violin;

/// <summary>
/// The model of chapter 6 of Ruth (2007): items with a wish, each mapped to one bin with a capacity. Environments and
/// domains in the first tier, nodes and hosts in the second.
/// </summary>
/// <param name="Wishes">r: the wish of each item, in cores.</param>
/// <param name="Capacities">c: the capacity of each bin, in cores; more than 0.</param>
/// <param name="BinOf">M: where each item is.</param>
public sealed record Mapping(
    ImmutableArray<double> Wishes, ImmutableArray<double> Capacities, ImmutableArray<int> BinOf)
{
    /// <summary>Wishes that are in a bin and never move (pinned nodes), in cores per bin; empty: none.</summary>
    public ImmutableArray<double> Fixed { get; init; } = [];

    /// <summary>Equation 6.5: all wishes over all capacity.</summary>
    public double TargetUtilization => (Wishes.Sum() + Fixed.Sum()) / Capacities.Sum();

    /// <summary>Equation 6.6 of every bin.</summary>
    public double[] Utilizations()
    {
        var sums = new double[Capacities.Length];
        for (var i = 0; i < Fixed.Length; i++) sums[i] = Fixed[i];
        for (var i = 0; i < Wishes.Length; i++) sums[BinOf[i]] += Wishes[i];
        for (var i = 0; i < sums.Length; i++) sums[i] /= Capacities[i];
        return sums;
    }

    /// <summary>
    /// Equation 6.7. As printed the sum goes over items, and a bin without items counts nothing; corrected it goes over
    /// bins, each by its share of the capacity.
    /// </summary>
    public double Balance(bool overBins)
    {
        var target = TargetUtilization;
        var used = Utilizations();
        if (!overBins) return BinOf.Sum(bin => Math.Abs(used[bin] - target));
        var all = Capacities.Sum();
        return used.Zip(Capacities, (utilization, capacity) => Math.Abs(utilization - target) * capacity / all).Sum();
    }

    /// <summary>The mapping with one item elsewhere.</summary>
    public Mapping Move(int item, int bin) => this with { BinOf = BinOf.SetItem(item, bin) };
}
