using System.CommandLine;
using System.Text.Json.Nodes;
using VioActors.Simulation.DataCenter;

namespace VioActors.Bench.Planetlab;

/// <summary>
/// One day of PlanetLab traces on the data centre of Beloglazov and Buyya 2012, under several policies, beside what
/// CloudSim 3.0.3 gives for the same files.
/// </summary>
internal static class PlanetlabBench
{
    private static readonly Option<string> Data = new("--data")
    {
        Description = "A folder of trace files, or a .tar.gz of one; the name is the day.",
        HelpName = "path",
        Required = true,
    };

    private static readonly Option<string> Policy = new("--policy")
    {
        Description = $"One of npa, {string.Join(", ", Consolidations.Names)}. Default: all.",
        HelpName = "name",
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Policy.AcceptOnlyFromAmong(["npa", .. Consolidations.Names]);
        return new Benchmark(
            "planetlab", "A day of PlanetLab in a simulated data centre: energy, service levels, moves.",
            [Data, Policy],
            run => Task.FromResult(Run(run)));
    }

    private static Figures Run(BenchRun run)
    {
        try
        {
            return Compare(run, run.Parse.GetRequiredValue(Data));
        }
        catch (Exception wrong) when (wrong is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new BenchException(wrong.Message);
        }
    }

    private static Figures Compare(BenchRun run, string path)
    {
        var day = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)).Split('.')[0];
        var traces = TraceFiles.Read(path);
        var figures = new Figures();
        figures.Add("vms", traces.Count, "machines, one per file");
        var bound = Math.Round(LowerBound.EnergyKwh(traces), 2);
        figures.AddExact("lower_bound_kwh", bound, "no policy that serves all is below");
        var only = run.Parse.GetValue(Policy);
        foreach (var policy in only is null ? ["npa", .. Consolidations.Names] : new[] { only })
        {
            run.Cancel.ThrowIfCancellationRequested();
            var started = run.Time.GetTimestamp();
            var values = Values(policy, traces);
            values["seconds"] = Figures.ThreeDigits(run.Time.GetElapsedTime(started).TotalSeconds);
            PublishedRows.Compare(day, policy, values, figures);
            if (only is not null)
                foreach (var value in values) figures.AddExact(value.Key, value.Value!.DeepClone(), "");
            figures.AddExact(policy, values, "");
        }

        return figures;
    }

    private static JsonObject Values(string policy, IReadOnlyList<CpuTrace> traces)
    {
        if (policy == "npa")
            return new JsonObject
            {
                ["energy_kwh"] = Math.Round(DataCenterRun.FullPowerKwh, 2),
                ["slav_percent"] = 0.0,
                ["migrations"] = 0,
                ["esv"] = 0.0,
            };
        var report = DataCenterRun.Run(traces, Consolidations.Create(policy));
        return new JsonObject
        {
            ["energy_kwh"] = Math.Round(report.EnergyKwh, 2),
            ["slav_percent"] = Math.Round(report.Violation * 100, 6),
            ["migrations"] = report.Migrations,
            ["esv"] = Math.Round(report.EnergyTimesViolation, 6),
            ["slatah_percent"] = Math.Round(report.ShortTime * 100, 3),
            ["pdm_percent"] = Math.Round(report.Withheld * 100, 4),
            ["unserved_percent"] = Math.Round(report.Unserved * 100, 4),
            ["shutdowns"] = report.Shutdowns,
            ["corrected_energy_kwh"] = Math.Round(report.Corrected.EnergyKwh, 2),
            ["corrected_slav_percent"] = Math.Round(report.Corrected.Violation * 100, 6),
            ["wakes"] = report.Corrected.Wakes,
        };
    }
}
