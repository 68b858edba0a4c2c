using System.Text.Json;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Tests.BadInput;

namespace VioActors.Daemon.Tests.Adapt;

/// <summary><c>vio adapt</c> against the production server and agents over simulated machines.</summary>
public sealed class AdaptTests
{
    [Fact]
    public async Task A_site_changes_nothing_by_itself_and_says_so()
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.RunAsync("astro", "");
        var status = await site.JsonAsync("adapt", "status");
        Assert.Equal("manual", status.GetProperty("mode").GetString());
        Assert.False(status.TryGetProperty("plan", out _));
        Assert.Contains("none yet", (await site.VioAsync("adapt", "status")).Out, StringComparison.Ordinal);
        Assert.Contains("no plan", (await site.VioAsync("adapt", "apply")).Error, StringComparison.Ordinal);
        Assert.Contains("no round", (await ExplainAsync(site, "astro/n1")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mode_period_and_policy_are_set_and_read()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var set = await site.VioAsync("adapt", "mode", "partial", "--period", "2");
        Assert.Equal("Mode partial, every 2 s, policy vio.", set.Out.Trim());
        await site.VioAsync("adapt", "pause");
        var policy = await site.VioAsync("policy: vio\noptions: { hold: 30s }\n", ["adapt", "policy", "-f", "-"]);
        Assert.Equal("Mode partial, paused, every 2 s, policy vio (hold 30s).", policy.Out.Trim());
        Assert.Equal("vio (hold 30s)", (await site.VioAsync("adapt", "policy")).Out.Trim());

        var bad = await site.VioAsync("policy: vio\noptions: { hold: 0s }\n", ["adapt", "policy", "-f", "-"]);
        Assert.Equal(ExitCode.WrongUsage, bad.Code);
        Assert.StartsWith("standard input:2:18: The policy's 'hold' is 0", bad.Error, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Done, (await site.VioAsync("adapt", "mode", "sometimes")).Code);
        Assert.NotEqual(ExitCode.Done, (await site.VioAsync("adapt", "mode", "partial", "--period", "0")).Code);
        Assert.Equal("vio (hold 30s)", (await site.VioAsync("adapt", "policy")).Out.Trim());
    }

    [Fact]
    public async Task A_plan_is_shown_explained_and_replayed()
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.RunAsync("astro", "", "");
        var plan = (await site.JsonAsync("adapt", "plan")).GetProperty("plan");
        Assert.Equal((1, 2, 2), (Number(plan, "plan"), Number(plan, "hosts"), Number(plan, "nodes")));

        var line = Assert.Single((await site.JsonAsync("adapt", "history")).EnumerateArray());
        Assert.True(line.GetProperty("replayable").GetBoolean());
        var explained = await site.JsonAsync("adapt", "explain", "astro/n1");
        Assert.Equal("astro/n1", explained.GetProperty("node").GetString());
        Assert.NotEmpty(explained.GetProperty("why").GetString()!);
        Assert.Contains("decision", (await ExplainAsync(site, "astro/n1")).Out, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Done, (await ExplainAsync(site, "astro/n9")).Code);

        var replay = await site.JsonAsync("adapt", "replay", "--plan", "1", "--policy", "violin-2007");
        Assert.Equal("violin-2007", replay.GetProperty("now").GetProperty("policy").GetProperty("name").GetString());
        Assert.Contains("no plan 7", (await site.VioAsync("adapt", "replay", "--plan", "7")).Error);
        Assert.Contains("no policy 'luck'", (await site.VioAsync("adapt", "replay", "--policy", "luck")).Error);
    }

    [Fact]
    public async Task A_restarted_server_knows_plans_and_settings_and_still_explains()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        await site.RunAsync("astro", "");
        await site.JsonAsync("adapt", "mode", "partial", "--period", "3600");
        await site.JsonAsync("adapt", "plan");
        await site.RestartServerAsync(_ => { });
        var status = await site.JsonAsync("adapt", "status");
        Assert.Equal("partial", status.GetProperty("mode").GetString());
        Assert.Equal(1, Number(status.GetProperty("plan").GetProperty("plan"), "plan"));
        Assert.NotEmpty((await site.JsonAsync("adapt", "explain", "astro/n1")).GetProperty("why").GetString()!);
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static Task<Cli.CliRun> ExplainAsync(SimulatedSite site, string node) =>
        site.VioAsync("adapt", "explain", node);
}
