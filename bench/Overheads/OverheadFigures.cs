namespace VioActors.Bench.Overheads;

/// <summary>Sums the runs up, beside what Ruth (2007), 6.4.1 prints.</summary>
internal static class OverheadFigures
{
    private const double LeastClaimed = 17;
    private const double MostClaimed = 25;
    private const double MiB = 1 << 20;

    /// <summary>All figures.</summary>
    /// <param name="size">What ran.</param>
    /// <param name="runs">At least one, in their order.</param>
    /// <param name="stalled">Control: rounds that the others did after one guest was stopped.</param>
    public static Figures Of(ProgramSize size, IReadOnlyList<MovedRun> runs, int stalled)
    {
        var figures = new Figures();
        var moves = runs.Select(one => one.Move).ToList();
        var still = runs.Select(one => one.After).Prepend(runs[0].Before).ToList();
        var overhead = runs.Select(one => one.Overhead).ToList();
        var (control, cost) = (Samples.Median(still), Samples.Median(overhead));
        var spread = still.Max() - still.Min();
        figures.Add("pairs", (long)runs.Count, $"runs with a move, each between two without; of {size.Rounds} rounds");
        figures.Add("still_s", control, "a run without a move, median");
        figures.Add("moved_s", Samples.Median(runs.Select(one => one.Seconds)), "a run with a move, median");
        figures.Add("overhead_s", cost, "what a move adds to the mean of the runs before and after it, median");
        figures.Add("overhead_percent", cost / control * 100, "the same of a run without a move");
        figures.Add("overhead_min_s", overhead.Min(), "the least");
        figures.Add("overhead_max_s", overhead.Max(), "the most");
        figures.Add("moves", (long)moves.Sum(move => move.Nodes.Count), $"of nodes, {size.Guests} together each time");
        figures.Add("move_s", Samples.Median(moves.Select(move => move.Seconds)), "until all are there, median");
        figures.Add(
            "move_rounds", Samples.Median(moves.Select(move => (double)move.Rounds)), "done meanwhile, median");
        figures.Add(
            "downtime_s", Samples.Median(moves.Select(move => move.Nodes.Sum(node => node.DowntimeMs) / 1000.0)),
            "sum over the guests of one move, median");
        figures.Add(
            "copied_mib", Samples.Median(moves.Select(move => move.Nodes.Sum(node => node.MemoryBytes) / MiB)),
            $"memory copied in one move, median; each guest goes over {size.HeldMiB} MiB in every round");
        figures.Add("control_spread_s", spread, "control: how far runs without a move differ, most to least");
        figures.Add("control_stalled_rounds", stalled, "control: done after one guest was stopped; more than 1 fails");
        Claims(figures, cost, spread);
        if (stalled > 1)
            figures.Failure = $"The others did {stalled} rounds without a guest: they are not in lockstep.";
        return figures;
    }

    private static void Claims(Figures figures, double cost, double spread)
    {
        figures.Add("claim", "about 20 s, 17 to 25", "the text: what moving four virtual machines adds to a run");
        figures.Add(
            "verdict",
            cost > MostClaimed ? "more"
                : cost < LeastClaimed ? cost > spread ? "less" : "less, within noise"
                : "the same",
            "seconds under emulation, with guests of MiB for its 800 MB, are not comparable; that it is small is");
    }
}
