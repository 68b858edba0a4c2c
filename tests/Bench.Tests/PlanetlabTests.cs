using System.Text.Json.Nodes;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Tests;

public sealed class PlanetlabTests : IDisposable
{
    private readonly BenchCli _cli = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("traces").FullName;

    [Fact]
    public async Task Figures_are_named_for_each_policy()
    {
        var dice = new Random(1);
        for (var file = 0; file < 8; file++)
            await File.WriteAllLinesAsync(
                Path.Combine(_folder, $"{file}"), Enumerable.Range(0, 288).Select(_ => $"{dice.Next(1, 60)}"));
        Assert.Equal(ExitCode.Done, await _cli.RunAsync("planetlab", "--data", _folder, "--json"));
        var figures = JsonNode.Parse(_cli.Out.Trim().Split('\n')[^1])!["figures"]!;
        foreach (var policy in new[] { "npa", "dvfs", "thr-mmt", "lr-mmt", "vio" })
            foreach (var name in new[] { "energy_kwh", "slav_percent", "migrations", "esv" })
                Assert.NotNull(figures[policy]![name]);
        Assert.Equal(2410.8, (double)figures["npa"]!["energy_kwh"]!);
    }

    [Theory]
    [InlineData("planetlab")]
    [InlineData("rightsizing")]
    public async Task A_wrong_line_is_named(string bench)
    {
        await File.WriteAllLinesAsync(Path.Combine(_folder, "node_1"), ["5", "NaN", .. Enumerable.Repeat("5", 286)]);
        Assert.Equal(ExitCode.Failed, await _cli.RunAsync(bench, "--data", _folder));
        Assert.Contains("node_1, line 2", _cli.Error);
    }

    [Fact]
    public async Task An_empty_folder_is_refused()
    {
        Assert.Equal(ExitCode.Failed, await _cli.RunAsync("planetlab", "--data", _folder));
        Assert.Contains("no trace files", _cli.Error);
    }

    public void Dispose()
    {
        _cli.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
