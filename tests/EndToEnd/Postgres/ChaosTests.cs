using System.Security.Cryptography;
using System.Text.Json;
using VioActors.Bench;
using VioActors.Bench.Servers;
using VioActors.Daemon.Cli;

namespace VioActors.EndToEnd.Postgres;

/// <summary>
/// A few cycles of what <c>./vio bench chaos</c> does for hours: faults that are always the same, and fresh ones.
/// </summary>
public sealed class ChaosTests
{
    // Promotes a standby, cuts connections, and puts an older copy back.
    private const int Known = 201;

    public static TheoryData<int> Seeds => [Known, RandomNumberGenerator.GetInt32(1, 1_000_000)];

    [Theory]
    [MemberData(nameof(Seeds), DisableDiscoveryEnumeration = true)]
    public async Task Nothing_is_lost_doubled_or_broken(int seed)
    {
        if (PostgresInstance.Missing is { } missing) Assert.Skip(missing);
        var (figures, progress) = (new StringWriter(), new StringWriter());
        using var interrupts = Interrupts.None();
        var host = new CliHost
        {
            Out = figures,
            Error = TextWriter.Synchronized(progress),
            In = TextReader.Null,
            Variable = _ => null,
            HomeDirectory = "/nowhere",
            LabSockets = () => [],
            Interrupts = interrupts,
        };
        var code = await BenchCommandLine.RunAsync(["chaos", "--cycles", "2", "--seed", $"{seed}", "--json"], host);
        TestContext.Current.TestOutputHelper!.WriteLine($"{progress}\n{figures}");
        Assert.True(code == ExitCode.Done, $"seed {seed}: {progress}");
        var all = JsonDocument.Parse(figures.ToString().Trim().Split('\n')[^1]).RootElement.GetProperty("figures");
        foreach (var zero in (string[])["lost", "doubled", "violations", "findings"])
            Assert.Equal(0, all.GetProperty(zero).GetInt64());
        Assert.True(all.GetProperty("acknowledged").GetInt64() > 0);
    }
}
