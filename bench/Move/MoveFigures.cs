using VioActors.Contracts.Agents;

namespace VioActors.Bench.Move;

/// <summary>Sums moves up.</summary>
internal static class MoveFigures
{
    /// <summary>Medians and 90th percentiles over the moves; sums of pings.</summary>
    public static Figures Of(IReadOnlyList<MoveRound> moves, PingFigures stopped)
    {
        var figures = new Figures();
        figures.Add("moves", moves.Count, "back and forth between two hosts");
        Both(figures, "gap_ms", moves.Select(one => one.Pings.LongestGapMs), "longest time without an answer");
        Both(figures, "downtime_ms", moves.Select(one => (double)one.Job.DowntimeMs), "how long the guest stood still");
        Both(figures, "total_ms", moves.Select(one => (double)one.Job.TotalMs), "the hypervisor's job");
        Both(
            figures, "operation_ms", moves.Select(one => one.OperationMs),
                "from the request to the end, seen by polling");
        figures.Add(
            "lost", moves.Sum(one => one.Pings.Sent - one.Pings.Received), "pings without an answer, of all moves");
        figures.Add("sent", moves.Sum(one => one.Pings.Sent), "pings, one every 10 ms");
        figures.Add("duplicates", moves.Sum(one => one.Pings.Duplicates), "second answers to one ping");
        figures.Add(
            "bytes", Samples.Median(moves.Select(one => (double)(one.Job.MemoryBytes + one.Job.DiskBytes))),
            "copied per move, median");
        figures.Add("rtt_us", Samples.Median(moves.Select(one => one.Pings.RttP50Us)), "median round trip of a ping");
        figures.Add("not_covered", moves.Count(one => !one.Covered), "moves that outlasted their pings");
        figures.Add("control_sent", stopped.Sent, "control: pings to a stopped node");
        figures.Add("control_lost", stopped.Sent - stopped.Received, "control: of these lost; must be all");
        if (stopped.Received > 0) figures.Failure = $"A stopped node answered {stopped.Received} pings.";
        return figures;
    }

    private static void Both(Figures figures, string name, IEnumerable<double> values, string meaning)
    {
        double[] all = [.. values];
        figures.Add(name, Samples.Median(all), $"{meaning}, median");
        figures.Add($"{name}_p90", Samples.Percentile(all, 0.9), "90th percentile");
    }
}
