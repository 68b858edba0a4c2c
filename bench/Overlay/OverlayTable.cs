namespace VioActors.Bench.Overlay;

/// <summary>The medians as people read them: a line for each system, a column for each figure.</summary>
internal static class OverlayTable
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Lines(OverlaySamples samples, IReadOnlyList<OverlaySystem> systems)
    {
        var figures = OverlayFigures.Shown.Select(one => one.Figure)
            .Where(figure => systems.Any(system => samples.Median(system, figure) is not null)).ToArray();
        string[][] rows =
        [
            ["", .. figures.Select(Title)],
            .. systems.Select(system => (string[])
                [system.Name, .. figures.Select(figure => Text(samples.Median(system, figure)))]),
        ];
        var widths = Enumerable.Range(0, figures.Length + 1).Select(at => rows.Max(row => row[at].Length)).ToArray();
        return rows.Select(row => string.Join(
            "  ", row.Select((cell, at) => at == 0 ? cell.PadRight(widths[at]) : cell.PadLeft(widths[at]))));
    }

    private static string Title(string figure) => figure.Replace("_mbps", "").Replace("goodput_", "");

    private static string Text(double? value) => value is { } known ? $"{Figures.ThreeDigits(known)}" : "-";
}
