using System.Globalization;
using Spectre.Console;
using VioActors.Simulation.World;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary>Reports as tables: figures downwards, policies across.</summary>
internal static class WorldTables
{
    private const int MostEnvironments = 40;

    /// <summary>Each figure and its text for each report; figures that no report has are left out.</summary>
    public static IEnumerable<(string Name, string[] Values)> Figures(IReadOnlyList<WorldReport> reports)
    {
        (string Name, Func<WorldReport, string?> Value)[] all =
        [
            ("average completion", one => one.AverageSeconds is { } seconds ? Time(seconds) : null),
            ("overall completion", one => one.OverallSeconds is { } seconds ? Time(seconds) : null),
            ("energy", one => Number(one.EnergyKwh) + " kWh"),
            ("migrations", one => $"{one.Migrations}"),
            ("undone within 10 min", one => $"{one.Undone}"),
            ("downtime of moves", one => one.Migrations == 0 ? null : Number(one.DowntimeSeconds) + " s"),
            ("SLA violation", one => $"{one.SlavPercent:0.00000} %"),
            ("lost service", one => Time(one.LostServiceSeconds)),
            ("requests lost", one => one.RequestsLostPercent is { } lost ? $"{lost:0.000} %" : null),
            ("CPU slack", one => $"{100 * one.CpuSlack:0.0} %"),
            ("memory slack", one => $"{100 * one.MemorySlack:0.0} %"),
            ("plans", one => one.Rounds == 0 ? null : $"{one.Plans}"),
            ("changes done", one => one.Rounds == 0 ? null : $"{one.ChangesDone}"),
            ("changes refused", one => one.ChangesRefused == 0 ? null : $"{one.ChangesRefused}"),
            ("changes failed", one => one.ChangesFailed == 0 ? null : $"{one.ChangesFailed}"),
            ("nodes held after that", one => one.NodesHeld == 0 ? null : $"{one.NodesHeld}"),
            ("offers refused", one => one.OffersRefused == 0 ? null : $"{one.OffersRefused}"),
            ("hosts that died", one => one.HostDeaths == 0 ? null : $"{one.HostDeaths}"),
            ("nodes restarted", one => one.Restarts == 0 ? null : $"{one.Restarts}"),
            ("hosts sent to sleep", one => one.Sleeps == 0 ? null : $"{one.Sleeps}"),
            ("hosts booted", one => one.Boots == 0 ? null : $"{one.Boots}"),
        ];
        return all.Select(row => (row.Name, Values: reports.Select(row.Value).ToArray()))
            .Where(row => row.Values.Any(value => value is not null))
            .Select(row => (row.Name, row.Values.Select(value => value ?? "-").ToArray()));
    }

    /// <summary>Each environment and what became of it in each report.</summary>
    public static IEnumerable<(string Name, string[] Values)> Environments(IReadOnlyList<WorldReport> reports) =>
        reports[0].Environments.Index().Select(one => (one.Item.Name, reports.Select(report => report
            .Environments[one.Index] switch
            {
                { CompletionSeconds: { } seconds } => Time(seconds),
                { State: "waits" } => "never had room",
                var other => $"lost {Time(other.LostServiceSeconds)}",
            }).ToArray()));

    /// <summary>Both tables, for the terminal.</summary>
    public static Rows Of(IReadOnlyList<WorldReport> reports)
    {
        var environments = Environments(reports).ToList();
        var left = environments.Count - MostEnvironments;
        return new Rows(
            Table("", reports, Figures(reports)), new Text(""),
            Table("ENVIRONMENT", reports, environments.Take(MostEnvironments)),
            new Text(left > 0 ? $"... and {left} more; --json and --out have all." : ""));
    }

    /// <summary>Seconds as people read them.</summary>
    public static string Time(double seconds) => seconds switch
    {
        0 => "0s",
        < 1 => $"{seconds:0.00}s",
        < 60 => $"{seconds:0.0}s",
        < 3600 => $"{(int)seconds / 60}m{(int)seconds % 60:00}s",
        < 172_800 => $"{(int)seconds / 3600}h{(int)seconds / 60 % 60:00}m",
        _ => $"{seconds / 86_400:0.0}d",
    };

    private static string Number(double value) =>
        value.ToString(value < 10 ? "0.000" : "0.0", CultureInfo.InvariantCulture);

    private static Table Table(
        string head, IReadOnlyList<WorldReport> reports, IEnumerable<(string Name, string[] Values)> rows) =>
        Tables.Of(rows,
        [
            (head, row => row.Name),
            .. reports.Index().Select(one => (
                one.Item.Policy.ToUpperInvariant(),
                (Func<(string Name, string[] Values), string?>)(row => row.Values[one.Index]))),
        ]);
}
