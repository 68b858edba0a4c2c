using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using VioActors.Contracts;
using VioActors.Simulation.World;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary>
/// Writes what a run gave into a directory: <c>report.json</c>, a picture for each chart, and <c>report.html</c>, which
/// holds all of them and needs no other file.
/// </summary>
internal static class WorldPages
{
    private const string Style =
        "body{font-family:sans-serif;max-width:1000px;margin:2em auto;color:#111827}"
        + "table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em 1em .25em 0;text-align:right;"
        + "border-bottom:1px solid #e5e7eb}td:first-child,th:first-child{text-align:left}.bad{color:#b91c1c}";

    /// <summary>Writes the files; those of an earlier run are replaced.</summary>
    /// <exception cref="UsageException">The directory cannot be written.</exception>
    public static void Write(string directory, WorldSetup setup, IReadOnlyList<WorldReport> reports)
    {
        (string Name, XElement Picture)[] charts =
        [
            ("power", WorldCharts.Power(reports)), ("environments", WorldCharts.Environments(reports)),
            .. reports.Select(report => ($"load-{report.Policy}", WorldCharts.Load(report))),
        ];
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, "report.json"), JsonSerializer.Serialize(reports, Wire.Json));
            foreach (var (name, picture) in charts)
                new XDocument(picture).Save(Path.Combine(directory, name + ".svg"));
            File.WriteAllText(
                Path.Combine(directory, "report.html"),
                "<!DOCTYPE html>\n" + Page(setup, reports, charts.Select(chart => chart.Picture)), Encoding.UTF8);
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{directory}' cannot be written: {bad.Message}", "Name another with --out.");
        }
    }

    private static XElement Page(WorldSetup setup, IReadOnlyList<WorldReport> reports, IEnumerable<XElement> charts) =>
        new("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")), new XElement("title", setup.Name),
                new XElement("style", Style)),
            new XElement("body",
                new XElement("h1", setup.Name),
                new XElement("p",
                    $"{setup.Hosts} hosts in {setup.Sites.Length} sites, {setup.Nodes} nodes in {setup.Loads.Length} "
                    + $"environments, {WorldTables.Time(setup.Length.TotalSeconds)} at most, seed {setup.Seed}."),
                reports.Where(report => report.Failure is not null).Select(report => new XElement(
                    "p", new XAttribute("class", "bad"), $"{report.Policy} failed. {report.Failure}")),
                Table("", reports, WorldTables.Figures(reports)),
                charts,
                Table("environment", reports, WorldTables.Environments(reports))));

    private static XElement Table(
        string head, IReadOnlyList<WorldReport> reports, IEnumerable<(string Name, string[] Values)> rows) =>
        new("table",
            new XElement("tr", new XElement("th", head), reports.Select(one => new XElement("th", one.Policy))),
            rows.Select(row => new XElement(
                "tr", new XElement("td", row.Name), row.Values.Select(value => new XElement("td", value)))));
}
