using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Tests.BadInput;
using VioActors.Host.Tests.Server;

namespace VioActors.Daemon.Tests.Cli;

/// <summary><c>vio top</c>, and who sees what of it.</summary>
public sealed class LoadTopTests
{
    [Fact]
    public async Task The_table_shows_the_newest_sample_and_a_dash_for_what_is_not_measured()
    {
        await using var server = await FakeServer.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        server.On("GET samples?seconds=10&host=left", new SamplesView(
            now,
            [new HostLoadView(new("h-1"), "left", [new(now, 1, 2, 1.25, 0.05, 3, 4096, 1024, 7, 125, 250_000)])],
            [
                new NodeLoadView(NodeId.Of(Guid.NewGuid()), "idle", "e1", null, 1, []),
                new NodeLoadView(NodeId.Of(Guid.NewGuid()), "busy", "e1", "left", 2,
                [
                    new(now, 1, 9, 9, 9, 9, null, null, 9, 9, null, 9, 9),
                    new(now, 1, 0.5, 0.5, 0.75, 0.25, 50, 200, 192, 63.6, null, 1250, 0),
                ]),
                new NodeLoadView(NodeId.Of(Guid.NewGuid()), "mute", "e1", "left", 1,
                    [new(now, 1, 0.1, 0.1, 0, 0, null, null, 128, null, null, 0, 0)]),
            ],
            [new MissingSamples("right", new Failure("host-unreachable", "Host right is away.", "Start it."))]));
        var run = await CliRun.OfAsync(server, "top", "--once", "--host", "left");
        Assert.True(run.Code == ExitCode.Done, run.Error + run.Out);
        Assert.Matches(@"left +1\.25 of 2 +0\.05 +3 +3072 of 4096 MiB +7 MiB +1\.0 kbit/s +2\.0 Mbit/s", run.Out);
        Assert.Matches(
            @"(?s)e1/busy +left +0\.50 +1\.25 +0\.25 +2 +50% +200 +64 of 192 MiB.*e1/mute.*e1/idle", run.Out);
        Assert.Matches(@"e1/mute +left +0\.10 +0\.10 +0\.00 +1 +- +- +\? of 128 MiB", run.Out);
        Assert.Matches(@"e1/idle +- +- +-", run.Out);
        Assert.Contains("Host right is away. Start it.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_shows_its_hosts_and_nodes_and_says_which_host_is_away()
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.RunAsync("astro", ", host: h1");
        await Until.TrueAsync(async () => (await TopAsync(site)).GetProperty("nodes").EnumerateArray()
            .Any(node => node.GetProperty("hostName").GetString() == "h1"
                && node.GetProperty("samples").GetArrayLength() > 0));

        // Who owns nothing sees nothing, not even hosts.
        using var owner = site.Site.Local(await site.Site.UserAsync("alice", Role.Owner));
        var seen = await TestSite.JsonAsync(await owner.GetAsync("samples"));
        Assert.Equal((0, 0), (seen.GetProperty("nodes").GetArrayLength(), seen.GetProperty("hosts").GetArrayLength()));
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await owner.GetAsync("hosts/h1/samples")).StatusCode);
        await Until.TrueAsync(async () => (await TopAsync(site)).GetProperty("hosts").EnumerateArray()
            .All(host => host.GetProperty("samples").GetArrayLength() > 0));
        await site.KillHostAsync("h2");
        var missing = Assert.Single((await TopAsync(site)).GetProperty("missing").EnumerateArray());
        Assert.Equal("h2", missing.GetProperty("hostName").GetString());
        Assert.Equal(ExitCode.Failed, (await site.VioAsync("top", "--once", "--host", "h9")).Code);
    }

    private static async Task<System.Text.Json.JsonElement> TopAsync(SimulatedSite site) =>
        await site.JsonAsync("top", "--once");
}
