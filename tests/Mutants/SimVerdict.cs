using System.Text.RegularExpressions;

namespace VioActors.Mutants;

/// <summary>What one run of the simulation said.</summary>
/// <param name="Passed">All rules held under all seeds.</param>
/// <param name="Violation">Simulation, seed and the broken rule; null when the run ended in any other way.</param>
/// <param name="Output">All that it wrote.</param>
internal sealed partial record SimVerdict(bool Passed, string? Violation, string Output)
{
    public static SimVerdict Of(ToolResult run)
    {
        var violation = SeedAndRule().Match(run.Output);
        return new SimVerdict(
            run.ExitCode == 0 && run.Output.Contains(SeedRun.AllHeld, StringComparison.Ordinal),
            violation.Success ? violation.Value : null, run.Output);
    }

    // As SimReport prints it.
    [GeneratedRegex(@"^\w+ seed \d+: .+(?= \(\d+ commits)", RegexOptions.Multiline)]
    private static partial Regex SeedAndRule();
}
