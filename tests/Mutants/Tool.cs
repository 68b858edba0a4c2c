using System.Diagnostics;

namespace VioActors.Mutants;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code; null when it had to be ended because its time was over.</param>
/// <param name="Output">What it wrote, standard output first.</param>
internal sealed record ToolResult(int? ExitCode, string Output);

/// <summary>Runs one program to its end: arguments as an array, bounded time, all output kept.</summary>
internal static class Tool
{
    /// <param name="directory">Where it runs.</param>
    /// <param name="limit">After this time it and all it started are ended.</param>
    /// <param name="cancel">Ends it as well.</param>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">As they are; no shell reads them.</param>
    public static async Task<ToolResult> RunAsync(
        string directory, TimeSpan limit, CancellationToken cancel, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A copy is nobody's repository and no part of the build that may be running these tests.
        start.Environment["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(directory);
        // Short programs: what the runtime spends on profiling itself does not come back.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var name in start.Environment.Keys.Where(IsOfBuild).ToList()) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ends.CancelAfter(limit);
        try
        {
            await process.WaitForExitAsync(ends.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancel.ThrowIfCancellationRequested();
            return new ToolResult(null, $"not done after {limit}\n{await output}{await errors}");
        }

        return new ToolResult(process.ExitCode, await output + await errors);
    }

    /// <summary>Whether such a program is on the path.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(directory => File.Exists(Path.Combine(directory, program)));

    private static bool IsOfBuild(string variable) =>
        variable.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || variable is "GIT_DIR" or "GIT_WORK_TREE";
}
