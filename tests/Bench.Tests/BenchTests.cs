using System.Text.Json.Nodes;
using VioActors.Bench.Servers;
using VioActors.Bench.Simulate;
using VioActors.Contracts;
using VioActors.Daemon.Cli;
using VioActors.Simulation.Site;

namespace VioActors.Bench.Tests;

public sealed class BenchTests : IDisposable
{
    private readonly BenchCli _cli = new();

    [Theory]
    [InlineData]
    [InlineData("nothing")]
    public async Task An_unknown_name_lists_the_names(params string[] args)
    {
        Assert.Equal(ExitCode.WrongUsage, await _cli.RunAsync(args));
        Assert.All(BenchCommandLine.All, bench => Assert.Contains(bench.Name, _cli.Error));
    }

    [Theory]
    [InlineData("move", "--moves", "0")]
    [InlineData("simulate", "--seeds", "many")]
    [InlineData("frames", "--rounds", "0")]
    [InlineData("vhost", "--rounds", "0")]
    [InlineData("turns", "--seconds", "0")]
    [InlineData("place", "--hosts", "0")]
    [InlineData("overhead", "--guests", "6")]
    [InlineData("overlay", "--only", "tcp1,nothing")]
    [InlineData("overlay", "--peers", "nobody")]
    [InlineData("overlay", "--peer", "wireguard-go=/nowhere")]
    public async Task A_wrong_option_is_named(params string[] args)
    {
        Assert.Equal(ExitCode.WrongUsage, await _cli.RunAsync(args));
        Assert.Contains(args[^1] == "many" ? "many" : args[1], _cli.Error);
    }

    [Fact]
    public async Task The_last_line_of_json_has_figures_and_machine()
    {
        Assert.Equal(ExitCode.Done, await _cli.RunAsync("frames", "--rounds", "1", "--seconds", "0.01", "--json"));
        var last = JsonNode.Parse(_cli.Out.Trim().Split('\n')[^1])!;
        Assert.Equal("frames", (string?)last["bench"]);
        Assert.Equal(0, (double)last["figures"]!["allocated_per_frame_64"]!);
        Assert.True((double)last["figures"]!["allocated_copying_64"]! >= 64);
        Assert.True((int)last["machine"]!["cores"]! > 0);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory")]
    public async Task A_queue_is_placed_node_by_node_and_what_does_not_fit_is_refused(string store)
    {
        Assert.Equal(ExitCode.Done, await _cli.RunAsync(
            "place", "--nodes", "300", "--hosts", "20", "--store", store, "--json"));
        var figures = JsonNode.Parse(_cli.Out.Trim().Split('\n')[^1])!["figures"]!;
        Assert.Equal((300, 300, 20), (
            (int)figures["nodes"]!, (int)figures["placed"]!, (int)figures["hosts"]!));
        Assert.True((double)figures["per_s"]! > 0);
        Assert.InRange((int)figures["control_placed"]!, 1, 200);
        Assert.True((int)figures["control_refused"]! > 0);
    }

    [Fact]
    public async Task A_late_command_is_turned_away_and_seen_where_it_is_not()
    {
        var (refusing, code) = await EffectControl.RunAsync(TimeProvider.System, remembers: true);
        Assert.Equal((FailureCode.StaleRun, 1, 0), (code, refusing.Late, refusing.Stale));
        var (carrying, done) = await EffectControl.RunAsync(TimeProvider.System, remembers: false);
        Assert.Equal((null, 1, 1), (done, carrying.Late, carrying.Stale));
    }

    [Fact]
    public async Task A_seed_that_breaks_a_rule_prints_its_command_and_its_trace()
    {
        var failing = SimulateBench.Create() with
        {
            Run = run => Task.FromResult(SimulateBench.Run(run, seed => new SimReport(
                seed, seed == 12 ? "node runs twice" : null, 1, TimeSpan.FromSeconds(1),
                new Dictionary<string, int> { ["crash"] = 1 }, 0, ["what happened last"]))),
        };
        var code = await BenchCommandLine.RunAsync(
            ["simulate", "--seed", "11", "--seeds", "3"], _cli.Host, [failing]);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("./vio bench simulate --seed 12", _cli.Error);
        Assert.Contains("what happened last", _cli.Error);
    }

    [Theory]
    [InlineData(new double[0], 0, 0)]
    [InlineData(new[] { 3.0, 1, 2 }, 2, 3)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5, 4)]
    public void Medians_and_percentiles(double[] values, double median, double p90)
    {
        Assert.Equal(median, Samples.Median(values));
        Assert.Equal(p90, Samples.Percentile(values, 0.9));
    }

    public void Dispose() => _cli.Dispose();
}
