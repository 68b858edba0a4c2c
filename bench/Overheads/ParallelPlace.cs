using System.Globalization;

namespace VioActors.Bench.Overheads;

/// <summary>How far the parallel program in the guests got: the barrier that was passed last.</summary>
/// <param name="Run">Which run, the first is 0.</param>
/// <param name="Round">Rounds of it that are done; 0 is its start.</param>
internal readonly record struct ParallelPlace(int Run, int Round) : IComparable<ParallelPlace>
{
    private const string Passed = "VIO parallel ";
    // The program's word for a connection that ended, and a guest's kernel's when its memory is not what it was.
    private static readonly string[] Bad = ["VIO parallel-bad", "BUG:", "is not a head", "Kernel panic"];

    /// <summary>The last place that a guest's lines tell; null when none does.</summary>
    /// <exception cref="BenchException">A message was lost, a connection or the guest broke.</exception>
    public static ParallelPlace? Last(string guest, IReadOnlyList<string> lines)
    {
        if (lines.FirstOrDefault(line => Bad.Any(line.Contains)) is { } bad)
            throw new BenchException(
                $"Guest {guest} broke; it said: {bad}. Emulated guests can when they are copied on a busy core. "
                + "Next step: again, on a quieter machine or with less --mib.");
        return lines.Reverse().Select(Parse).FirstOrDefault(place => place is not null);
    }

    /// <inheritdoc/>
    public int CompareTo(ParallelPlace other) => Run == other.Run ? Round - other.Round : Run - other.Run;

    /// <inheritdoc/>
    public override string ToString() => $"round {Round} of run {Run}";

    private static ParallelPlace? Parse(string line) =>
        line.StartsWith(Passed, StringComparison.Ordinal) && line[Passed.Length..].Split(' ') is [var run, var round]
            && int.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var inRun)
            && int.TryParse(round, NumberStyles.None, CultureInfo.InvariantCulture, out var done)
            ? new ParallelPlace(inRun, done)
            : null;
}
