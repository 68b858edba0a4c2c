using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Tests.Cli;

public sealed class OutputTests
{
    [Fact]
    public async Task Tables_name_the_columns_and_hold_the_values()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET nodes?environment=astro", new[] { Samples.Node("n1") });

        var run = await CliRun.OfAsync(server, "node", "ls", "astro");

        Assert.Equal(0, run.Code);
        Assert.StartsWith("NODE", run.Out);
        Assert.DoesNotContain(" \n", run.Out);
        foreach (var word in new[] { "astro/n1", "ready", "h1", "96/128 MiB" }) Assert.Contains(word, run.Out);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Json_is_the_document_of_the_api_and_nothing_else()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET environments/astro", Samples.Environment());

        var run = await CliRun.OfAsync(server, "env", "show", "astro", "--json");

        var view = JsonSerializer.Deserialize<EnvironmentView>(run.Out, Wire.Json)!;
        Assert.Equal(("astro", "n1"), (view.Name, view.Nodes[0].Name));
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task A_dry_run_shows_the_difference_and_changes_nothing()
    {
        await using var server = await FakeServer.StartAsync();
        server.On(
            "PUT environments?dryRun=true&owner=ann",
            new ApplyResult(Samples.Astro, true, [new DiffLine("+", "node n1", "tiny, 256 MiB")], null));
        var host = CliRun.HostOf(input: "name: astro\nsubnet: 10.10.0.0/24\nnodes: [{name: n1, image: tiny}]");

        var run = await CliRun.OfAsync(
            host, ["env", "apply", "-f", "-", "--dry-run", "--owner", "ann", "--server", "unix:" + server.Socket]);

        Assert.Equal(0, run.Code);
        Assert.Contains("node n1", run.Out);
        Assert.Contains("nothing was changed", run.Error);
        var sent = JsonSerializer.Deserialize<EnvironmentSpec>(Assert.Single(server.Requests).Body, Wire.Json)!;
        Assert.Equal("tiny", sent.Nodes[0].Image);
    }

    [Fact]
    public async Task Lost_pings_are_told_and_make_exit_code_1()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST environments/astro/ping", new PingFigures(5, 4, 0, 210, 500, 900));

        var run = await CliRun.OfAsync(server, "env", "ping", "astro", "n1", "--count", "5", "-i", "10ms");

        Assert.Equal(1, run.Code);
        Assert.Contains("1 lost", run.Out);
        Assert.Contains("\"intervalMs\":10", Assert.Single(server.Requests).Body);
    }

    [Fact]
    public async Task What_a_guest_writes_cannot_steer_the_terminal()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET environments/astro/nodes/n1/logs?lines=50", new { lines = new[] { "VIO ready\u001b[2J" } });

        var run = await CliRun.OfAsync(server, "node", "logs", "astro/n1");

        Assert.Equal("VIO ready[2J\n", run.Out);
    }

    [Fact]
    public async Task Names_are_escaped_in_paths()
    {
        await using var server = await FakeServer.StartAsync();

        await CliRun.OfAsync(server, "env", "show", "../hosts");

        Assert.DoesNotContain(server.Requests, seen => seen.Path == "hosts");
    }
}
