using System.Globalization;
using VioActors.Simulation.Cluster;
using VioActors.Simulation.Site;

namespace VioActors.Mutants;

/// <summary>Runs seeds of the simulations until one breaks a rule.</summary>
internal static class SeedRun
{
    public const string Cluster = "cluster";
    public const string Site = "site";

    /// <summary>Said at the end of a run without a violation: a program that ends early does not say it.</summary>
    public const string AllHeld = "all rules held under all seeds";

    /// <summary>One budget: which simulation, first seed and last.</summary>
    public static string Budget(string simulation, int first, int last) =>
        string.Create(CultureInfo.InvariantCulture, $"{simulation}:{first}-{last}");

    /// <summary>Runs the budgets in their order, to the first violation.</summary>
    /// <returns>1 after a violation.</returns>
    public static int Run(IReadOnlyList<string> budgets, TextWriter output)
    {
        foreach (var budget in budgets)
        {
            var (simulation, first, last) = Read(budget);
            for (var seed = first; seed <= last; seed++)
            {
                var report = simulation == Cluster
                    ? ClusterRun.Run(seed)
                    : SimRun.Run(seed, new SimChaos(seed) { CrashAtCommit = seed });
                if (report.Violation is null) continue;
                output.WriteLine($"{simulation} {report}");
                return 1;
            }
        }

        output.WriteLine(AllHeld);
        return 0;
    }

    private static (string Simulation, int First, int Last) Read(string budget)
    {
        var parts = budget.Split(':', '-');
        return parts is [Cluster or Site, var first, var last]
            ? (parts[0], int.Parse(first, CultureInfo.InvariantCulture), int.Parse(last, CultureInfo.InvariantCulture))
            : throw new ArgumentException(
                $"'{budget}' is not {Cluster}:FIRST-LAST or {Site}:FIRST-LAST.", nameof(budget));
    }
}
