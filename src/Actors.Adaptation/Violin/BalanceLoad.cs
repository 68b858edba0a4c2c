namespace VioActors.Actors.Adaptation.Violin;

/// <summary>
/// Algorithm 1 of Ruth (2007), "balance load between domains". Only the fullest and the emptiest bin are looked
/// at, only whole items move, nothing is swapped: this is the dissertation's heuristic and its weakness.
/// </summary>
public static class BalanceLoad
{
    /// <summary>Differences of balance below this are rounding.</summary>
    internal const double Epsilon = 1e-9;

    /// <summary>Gives the new mapping.</summary>
    /// <param name="current">M.</param>
    /// <param name="options">Which errata are corrected.</param>
    /// <param name="allowed">Whether an item may go to a bin; null: always.</param>
    public static Mapping Run(Mapping current, ViolinOptions options, Func<int, int, bool>? allowed = null)
    {
        var overBins = options.Fixed(Corrections.Domains);
        var corrected = options.Fixed(Corrections.LoopTest);
        var next = current;
        Mapping mapping;
        do
        {
            mapping = next;
            next = Step(mapping, overBins, allowed);
        }
        while (GoesOn(next.Balance(overBins), mapping.Balance(overBins), corrected));
        return mapping;
    }

    // Each pass changes the balance strictly and there are finitely many mappings: both loops end.
    private static bool GoesOn(double next, double now, bool corrected) =>
        corrected ? next < now - Epsilon : next > now + Epsilon;

    private static Mapping Step(Mapping mapping, bool overBins, Func<int, int, bool>? allowed)
    {
        var used = mapping.Utilizations();
        var high = Array.IndexOf(used, used.Max());
        var low = Array.IndexOf(used, used.Min());
        Mapping? best = null;
        var least = double.PositiveInfinity;
        for (var item = 0; item < mapping.BinOf.Length; item++)
        {
            if (mapping.BinOf[item] != high || high == low || allowed?.Invoke(item, low) == false) continue;
            var moved = mapping.Move(item, low);
            var balance = moved.Balance(overBins);
            if (balance >= least - Epsilon) continue;
            (best, least) = (moved, balance);
        }

        return best ?? mapping;
    }
}
