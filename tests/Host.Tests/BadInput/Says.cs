using VioActors.Daemon.Cli;
using VioActors.Daemon.Tests.Cli;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>What a person reads after bad input: a reason on one line and the next step on another.</summary>
internal static class Says
{
    /// <summary>Refused or failed, with all these words, and with a next step.</summary>
    public static void Refused(CliRun run, params string[] words) => Ended(run, ExitCode.Failed, words);

    /// <summary>Not even asked: wrong usage, with all these words, and with a next step.</summary>
    public static void Misused(CliRun run, params string[] words) => Ended(run, ExitCode.WrongUsage, words);

    private static void Ended(CliRun run, int code, string[] words)
    {
        Assert.True(run.Code == code, $"exit code {run.Code}: {run.Out}{run.Error}");
        foreach (var word in words)
            Assert.True(run.Error.Contains(word, StringComparison.Ordinal), $"'{word}' is not in: {run.Error}");
        Assert.True(run.Error.Trim().Split('\n').Length >= 2, "No next step: " + run.Error);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.Error, StringComparison.Ordinal);
    }
}
