using System.Text.Json.Nodes;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Tests;

public sealed class PlanetlabTests : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly Interrupts _interrupts = Interrupts.None();
    private readonly string _folder = Directory.CreateTempSubdirectory("traces").FullName;

    [Fact]
    public async Task Figures_are_named_for_each_policy()
    {
        var dice = new Random(1);
        for (var file = 0; file < 8; file++)
            await File.WriteAllLinesAsync(
                Path.Combine(_folder, $"{file}"), Enumerable.Range(0, 288).Select(_ => $"{dice.Next(1, 60)}"));
        Assert.Equal(ExitCode.Done, await RunAsync("planetlab", "--data", _folder, "--json"));
        var figures = JsonNode.Parse(_out.ToString().Trim().Split('\n')[^1])!["figures"]!;
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
        Assert.Equal(ExitCode.Failed, await RunAsync(bench, "--data", _folder));
        Assert.Contains("node_1, line 2", _error.ToString());
    }

    [Fact]
    public async Task An_empty_folder_is_refused()
    {
        Assert.Equal(ExitCode.Failed, await RunAsync("planetlab", "--data", _folder));
        Assert.Contains("no trace files", _error.ToString());
    }

    public void Dispose()
    {
        _interrupts.Dispose();
        _out.Dispose();
        _error.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<int> RunAsync(params string[] args) => BenchCommandLine.RunAsync(args, Host());

    private CliHost Host() => new()
    {
        Out = _out,
        Error = _error,
        In = TextReader.Null,
        Variable = _ => null,
        HomeDirectory = "/nowhere",
        LabSockets = () => [],
        Interrupts = _interrupts,
    };
}
