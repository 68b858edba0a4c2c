using System.Text.Json.Nodes;

namespace VioActors.Bench.Planetlab;

/// <summary>
/// What CloudSim 3.0.3 gives for the same files in sorted order: its own program, run with nothing changed but that
/// order. Not the table of the paper, which the released program does not yield.
/// </summary>
internal static class PublishedRows
{
    /// <summary>Energy in kWh, moves, SLAV in per cent.</summary>
    internal sealed record Row(double EnergyKwh, int Migrations, double SlavPercent);

    private static readonly Dictionary<(string Day, string Policy), Row> Rows = new()
    {
        [("20110303", "npa")] = new(2410.80, 0, 0),
        [("20110303", "dvfs")] = new(802.75, 0, 0),
        [("20110303", "thr-mmt")] = new(192.62, 26711, 0.00318),
        [("20110306", "thr-mmt")] = new(144.74, 20908, 0.00360),
        [("20110309", "thr-mmt")] = new(165.27, 23475, 0.00405),
        [("20110322", "thr-mmt")] = new(201.70, 28902, 0.00306),
        [("20110325", "thr-mmt")] = new(175.24, 24883, 0.00337),
        [("20110403", "thr-mmt")] = new(258.56, 35488, 0.00300),
        [("20110409", "thr-mmt")] = new(209.32, 29377, 0.00302),
        [("20110411", "thr-mmt")] = new(207.38, 29130, 0.00313),
        [("20110412", "thr-mmt")] = new(177.20, 24824, 0.00329),
        [("20110420", "thr-mmt")] = new(150.50, 22191, 0.00427),
        [("20110303", "lr-mmt")] = new(163.48, 27859, 0.00464),
        [("20110306", "lr-mmt")] = new(123.28, 20878, 0.00462),
        [("20110309", "lr-mmt")] = new(142.09, 24959, 0.00602),
        [("20110322", "lr-mmt")] = new(177.48, 32038, 0.00464),
        [("20110325", "lr-mmt")] = new(152.58, 26513, 0.00472),
        [("20110403", "lr-mmt")] = new(219.70, 37972, 0.00457),
        [("20110409", "lr-mmt")] = new(179.89, 31556, 0.00447),
        [("20110411", "lr-mmt")] = new(176.12, 31960, 0.00489),
        [("20110412", "lr-mmt")] = new(151.61, 26248, 0.00487),
        [("20110420", "lr-mmt")] = new(130.90, 24400, 0.00680),
    };

    /// <summary>Adds the row and the deviation; for our policy its ratio to that day's LR-MMT.</summary>
    /// <remarks>An engine that deviates by more than 1 % is a failure: then no other figure means anything.</remarks>
    public static void Compare(string day, string policy, JsonObject values, Figures figures)
    {
        if (policy == "vio" && Rows.GetValueOrDefault((day, "lr-mmt")) is { } rival)
        {
            values["energy_of_lr"] = Math.Round((double)values["energy_kwh"]! / rival.EnergyKwh, 3);
            values["slav_of_lr"] = Math.Round((double)values["slav_percent"]! / rival.SlavPercent, 3);
            values["migrations_of_lr"] = Math.Round((double)(int)values["migrations"]! / rival.Migrations, 3);
        }

        if (Rows.GetValueOrDefault((day, policy)) is not { } row) return;
        Deviation(values, "energy_kwh", row.EnergyKwh, day, policy, figures);
        if (row.Migrations == 0) return;
        Deviation(values, "migrations", row.Migrations, day, policy, figures);
        Deviation(values, "slav_percent", row.SlavPercent, day, policy, figures);
    }

    private static void Deviation(
        JsonObject values, string name, double published, string day, string policy, Figures figures)
    {
        var value = double.Parse(values[name]!.ToString());
        var per = (value / published - 1) * 100;
        values[$"cloudsim_{name}"] = published;
        values[$"{name}_deviation_percent"] = Math.Round(per, 3);
        if (Math.Abs(per) > 1)
            figures.Failure ??= $"{policy} on {day}: {name} is {value}, {per:F2} % from CloudSim's {published}.";
    }
}
