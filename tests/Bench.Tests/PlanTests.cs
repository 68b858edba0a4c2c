using System.Text.Json.Nodes;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Tests;

public sealed class PlanTests : IDisposable
{
    private readonly BenchCli _cli = new();

    [Fact]
    public async Task A_round_is_timed_and_its_plan_checked()
    {
        Assert.Equal(
            ExitCode.Done, await _cli.RunAsync("plan", "--hosts", "40", "--nodes", "500", "--rounds", "1", "--json"));
        var figures = JsonNode.Parse(_cli.Out.Trim().Split('\n')[^1])!["figures"]!;
        Assert.Equal((40, 500), ((int)figures["hosts"]!, (int)figures["nodes"]!));
        Assert.True((double)figures["seconds"]! > 0);
        Assert.True((int)figures["moves"]! > 0);
        Assert.InRange((double)figures["gap_vio_percent"]!, 0, 1);
    }

    [Fact]
    public async Task Too_many_hosts_are_refused()
    {
        Assert.Equal(ExitCode.WrongUsage, await _cli.RunAsync("plan", "--hosts", "20001"));
        Assert.Contains("--hosts is out of range", _cli.Error);
    }

    public void Dispose() => _cli.Dispose();
}
