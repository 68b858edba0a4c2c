using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace VioActors.Mutants;

/// <summary>
/// The tests; with <c>catch</c> the same without a test framework, of all mutants or of some; and with <c>simulate</c>
/// what both run in a process of its own, next to the assemblies of one mutant.
/// </summary>
internal static class Program
{
    public const string Simulate = "simulate";

    public static async Task<int> Main(string[] args) => args switch
    {
        [Simulate, .. var budgets] => SeedRun.Run(budgets, Console.Out),
        ["catch", .. var names] => await CatchAsync(names),
        _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
            await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => await ConsoleRunner.Run(args),
    };

    // One line for each mutant, and the sum. Of all, or of those whose names begin so.
    private static async Task<int> CatchAsync(string[] names)
    {
        var mutants = Mutant.All.Where(mutant =>
            names.Length == 0 || names.Any(name => mutant.Name.StartsWith(name, StringComparison.Ordinal))).ToList();
        await using var campaign = new Campaign(mutants, CancellationToken.None);
        if (campaign.Lack is not null)
        {
            await Console.Error.WriteLineAsync(campaign.Lack);
            return 1;
        }

        var control = await campaign.Control;
        if (!control.Passed)
        {
            await Console.Error.WriteLineAsync($"The simulation fails without a fault.\n{control.Output}");
            return 1;
        }

        foreach (var mutant in mutants)
        {
            var verdict = await campaign.VerdictAsync(mutant);
            Console.WriteLine($"{mutant.Name}: {verdict.Violation ?? $"NOT FOUND\n{verdict.Output}"}");
        }

        Console.WriteLine(await campaign.SummaryAsync());
        return await campaign.CaughtAsync() == mutants.Count ? 0 : 1;
    }
}
