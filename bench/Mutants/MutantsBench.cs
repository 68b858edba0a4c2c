using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace VioActors.Bench.Mutants;

/// <summary>How many faults of tests/Mutants the simulation finds: runs that program and reads its sum.</summary>
internal static partial class MutantsBench
{
    /// <summary>The benchmark.</summary>
    public static Benchmark Create() => new(
        "mutants", "Faults put into copies of the source: how many of them the simulation finds.", [],
        run => RunAsync(run, ["run", "--project", Project(), "-c", "Release", "--", "catch"]));

    /// <summary>Runs the program.</summary>
    /// <param name="run">Cancellation, and where its lines go.</param>
    /// <param name="arguments">Of <c>dotnet</c>.</param>
    internal static async Task<Figures> RunAsync(BenchRun run, IReadOnlyList<string> arguments)
    {
        var started = run.Time.GetTimestamp();
        var last = "";
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(run.Cancel) is { } line) run.Note(last = line);
            await process.WaitForExitAsync(run.Cancel);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        if (Sum().Match(last) is not { Success: true } sum)
            throw new BenchException("The mutants were not run; what it says above tells why.");
        var figures = new Figures();
        var (caught, total) = (Number(sum, 1), Number(sum, 2));
        figures.Add("caught", caught, "faults that broke a rule under some seed");
        figures.Add("total", total, "faults");
        figures.Add("seconds", run.Time.GetElapsedTime(started).TotalSeconds, "to run the source as it is, and all");
        if (caught < total) figures.Failure = $"{total - caught} faults are not found.";
        return figures;
    }

    private static long Number(Match sum, int group) =>
        long.Parse(sum.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string Project([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../tests/Mutants"));

    [GeneratedRegex(@"^mutants caught (\d+) of (\d+)$")]
    private static partial Regex Sum();
}
