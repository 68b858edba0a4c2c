using System.Xml.Linq;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Overlay;

/// <summary>Draws the medians: a panel for each figure, a bar for each system, scales that begin at zero.</summary>
internal static class OverlayChart
{
    private const int Columns = 3;
    private const int PanelWidth = 380;
    private const int NameWidth = 130;
    private const int ValueWidth = 60;
    private const int BarHeight = 18;
    private const int TitleHeight = 34;
    private const int Margin = 24;
    private const int Top = 86;

    private static readonly (SystemKind Kind, string Colour, string Meaning)[] Kinds =
    [
        (SystemKind.Ours, "#1d4ed8", "VioActors, encrypted"), (SystemKind.Peer, "#d97706", "other overlays, encrypted"),
        (SystemKind.Given, "#9333ea", "given build"), (SystemKind.Ceiling, "#9ca3af", "kernel, not encrypted"),
    ];

    /// <summary>Writes the picture.</summary>
    public static void Save(string path, OverlaySamples samples, IReadOnlyList<OverlaySystem> systems) =>
        Draw(samples, systems).Save(path);

    /// <summary>The picture.</summary>
    public static XDocument Draw(OverlaySamples samples, IReadOnlyList<OverlaySystem> systems)
    {
        var figures = OverlayFigures.Shown
            .Where(one => systems.Any(system => samples.Median(system, one.Figure) is not null)).ToArray();
        var panelHeight = TitleHeight + systems.Count * BarHeight + Margin;
        var width = Columns * PanelWidth + Margin;
        var height = Top + (figures.Length + Columns - 1) / Columns * panelHeight;
        var root = Svg.Picture(
            width, height, Svg.Text(Margin, 32, "Overlays between two network namespaces of one machine", 18, "bold"),
            Legend(systems));
        root.Add(figures.Index().Select(one => Panel(
            samples, systems, one.Item, Margin + one.Index % Columns * PanelWidth,
            Top + one.Index / Columns * panelHeight)));
        return new XDocument(root);
    }

    private static IEnumerable<XElement> Legend(IReadOnlyList<OverlaySystem> systems)
    {
        var x = Margin;
        foreach (var (kind, colour, meaning) in Kinds.Where(one => systems.Any(system => system.Kind == one.Kind)))
        {
            yield return Svg.Bar(x, 48, 12, 12, colour);
            yield return Svg.Text(x + 18, 58, meaning, 12);
            x += 210;
        }
    }

    private static IEnumerable<XElement> Panel(
        OverlaySamples samples, IReadOnlyList<OverlaySystem> systems, (string Figure, string Meaning) shown, int x,
        int y)
    {
        yield return Svg.Text(x, y + 14, OverlayFigures.TitleOf(shown.Figure), 13, "bold");
        var most = systems.Max(system => samples.Median(system, shown.Figure) ?? 0);
        var room = PanelWidth - NameWidth - ValueWidth - Margin;
        foreach (var (index, system) in systems.Index())
        {
            var top = y + TitleHeight - 8 + index * BarHeight;
            yield return Svg.Text(x + NameWidth - 8, top + 12, system.Name, 11, anchor: "end");
            var value = samples.Median(system, shown.Figure);
            var length = value is { } known && most > 0 ? known / most * room : 0;
            yield return Svg.Bar(x + NameWidth, top, Math.Max(length, 1), BarHeight - 4, ColourOf(system.Kind));
            yield return Svg.Text(
                x + NameWidth + length + 6, top + 12, value is { } all ? $"{Figures.ThreeDigits(all)}" : "-", 11);
        }
    }

    private static string ColourOf(SystemKind kind) => Kinds.First(one => one.Kind == kind).Colour;
}
