using System.Xml.Linq;
using VioActors.Simulation.World;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary>Pictures of what policies did with a fleet.</summary>
internal static class WorldCharts
{
    private const int Width = 960;
    private const int Left = 110;
    private const int Right = 24;
    private const int Top = 64;
    private const int Bottom = 40;
    private const int Plot = Width - Left - Right;
    private const int MostRows = 40;
    private const int Ticks = 6;
    private static readonly string[] Colours = ["#9ca3af", "#d97706", "#1d4ed8", "#9333ea", "#059669", "#dc2626"];

    // From hardly used to full; a host that is not on has its own.
    private static readonly string[] Loads =
        ["#eff6ff", "#dbeafe", "#bfdbfe", "#93c5fd", "#60a5fa", "#3b82f6", "#2563eb", "#f59e0b", "#ea580c", "#b91c1c"];

    private const string NotOn = "#374151";

    /// <summary>Power of all hosts over time, a line for each policy.</summary>
    public static XElement Power(IReadOnlyList<WorldReport> reports)
    {
        const int height = 320;
        var most = RoundUp(reports.SelectMany(report => report.Watts).DefaultIfEmpty(1).Max());
        var length = reports.Max(report => report.Seconds);
        return Svg.Picture(
            Width, height, Title("Power of all hosts"), Legend(reports),
            Grid(height, value => $"{most * value / 1000:0.00} kW"), Times(height, length),
            reports.Index().Select(one => Svg.Line(
                one.Item.Watts.Index().Select(watts => (
                    Left + Math.Min(1, (watts.Index + 0.5) * one.Item.PieceSeconds / length) * Plot,
                    height - Bottom - watts.Item / most * (height - Top - Bottom))),
                ColourOf(one.Index), 2)));
    }

    /// <summary>Load of the hosts over time: a row for each host, or for several when there are many.</summary>
    public static XElement Load(WorldReport report)
    {
        var perRow = (report.Hosts.Length + MostRows - 1) / MostRows;
        var rows = report.Hosts.Chunk(Math.Max(1, perRow)).ToList();
        var rowHeight = Math.Clamp(400 / Math.Max(1, rows.Count), 10, 28);
        var height = Top + rows.Count * rowHeight + Bottom;
        var scale = report.PieceSeconds / report.Seconds * Plot;
        return Svg.Picture(
            Width, height, Title($"CPU in use under {report.Policy}"), Scale(), Times(height, report.Seconds),
            rows.Index().Select(row => Row(row.Item, Top + row.Index * rowHeight, rowHeight, scale)));
    }

    /// <summary>Completion of environments that end, or lost service where none does.</summary>
    public static XElement Environments(IReadOnlyList<WorldReport> reports)
    {
        var ends = reports.Any(report => report.Environments.Any(one => one.CompletionSeconds is not null));
        double? Value(EnvironmentReport one) => ends ? one.CompletionSeconds : one.LostServiceSeconds;
        var names = reports[0].Environments.Index().Where(one => reports.Any(
            report => Value(report.Environments[one.Index]) > 0)).Take(MostRows).ToList();
        var most = reports.SelectMany(report => report.Environments).Max(one => Value(one)) is > 0 and var known
            ? known : 1;
        var panel = reports.Count * 14 + 10;
        var room = Plot - 90;
        return Svg.Picture(
            Width, Top + names.Count * panel + Bottom / 2,
            Title(ends ? "From start to end of each environment" : "Service lost by each environment"),
            Legend(reports),
            names.Index().SelectMany(name => reports.Index().SelectMany(report =>
            {
                var y = Top + name.Index * panel + report.Index * 14;
                var value = Value(report.Item.Environments[name.Item.Index]);
                return new[]
                {
                    Svg.Text(Left - 8, y + 11, report.Index == 0 ? name.Item.Item.Name : "", 11, anchor: "end"),
                    Svg.Bar(Left, y, Math.Max(1, (value ?? 0) / most * room), 12, ColourOf(report.Index)),
                    Svg.Text(Left + (value ?? 0) / most * room + 6, y + 10,
                        value is { } seconds ? WorldTables.Time(seconds) : "not ended", 10),
                };
            })));
    }

    private static IEnumerable<XElement> Row(HostCurve[] hosts, double y, double height, double pieceWidth)
    {
        var name = hosts.Length == 1 ? hosts[0].Host : $"{hosts[0].Host} +{hosts.Length - 1}";
        yield return Svg.Text(Left - 8, y + height / 2 + 4, name, 10, anchor: "end");
        var colours = Enumerable.Range(0, hosts[0].Load.Length)
            .Select(piece => Shade(hosts.Select(host => host.Load[piece]))).ToList();
        for (int from = 0, to; from < colours.Count; from = to)
        {
            // Neighbours of one colour are one bar.
            for (to = from + 1; to < colours.Count && colours[to] == colours[from];) to++;
            var end = Math.Min(Plot, to * pieceWidth);
            yield return Svg.Bar(
                Left + from * pieceWidth, y, Math.Max(0.1, end - from * pieceWidth), height - 1, colours[from]);
        }
    }

    private static string Shade(IEnumerable<double> loads) =>
        loads.Where(load => load >= 0).DefaultIfEmpty(-1).Average() is >= 0 and var load
            ? Loads[Math.Min(Loads.Length - 1, (int)(load * Loads.Length))] : NotOn;

    private static XElement Title(string text) => Svg.Text(24, 28, text, 16, "bold");

    private static IEnumerable<XElement> Legend(IReadOnlyList<WorldReport> reports) =>
        reports.Index().SelectMany(one => new[]
        {
            Svg.Bar(24 + one.Index * 160, 40, 12, 12, ColourOf(one.Index)),
            Svg.Text(42 + one.Index * 160, 50, one.Item.Policy, 12),
        });

    private static IEnumerable<XElement> Scale() =>
        Loads.Append(NotOn).Index().SelectMany(one => new[]
        {
            Svg.Bar(24 + one.Index * 48, 40, 12, 12, one.Item),
            Svg.Text(40 + one.Index * 48, 50, one.Index == Loads.Length ? "asleep, booting or dead"
                : $"{(one.Index + 1) * 100 / Loads.Length}%", 10),
        });

    private static IEnumerable<XElement> Grid(int height, Func<double, string> name)
    {
        for (var tick = 0; tick <= 4; tick++)
        {
            var y = height - Bottom - tick / 4.0 * (height - Top - Bottom);
            yield return Svg.Line([(Left, y), (Width - Right, y)], "#e5e7eb", 1);
            yield return Svg.Text(Left - 8, y + 4, name(tick / 4.0), 11, anchor: "end");
        }
    }

    private static IEnumerable<XElement> Times(int height, double length) =>
        Enumerable.Range(0, Ticks + 1).Select(tick => Svg.Text(
            Left + tick / (double)Ticks * Plot, height - Bottom + 18, WorldTables.Time(length * tick / Ticks), 11,
            anchor: tick == Ticks ? "end" : "middle"));

    // To a whole multiple of a power of ten, so that the lines of the grid have short names.
    private static double RoundUp(double value)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, value))));
        return Math.Ceiling(value / unit) * unit;
    }

    private static string ColourOf(int index) => Colours[index % Colours.Length];
}
