using System.Text.Json;
using VioActors.Contracts;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Tests.BadInput;
using VioActors.Host.Tests.Server;
using VioActors.Simulation;

namespace VioActors.Daemon.Tests.Adapt;

/// <summary>Simulated guests get busy, agents measure it, the manager plans, and environments do it.</summary>
public sealed class LoadTests
{
    // Quick to hold, so that a test sees in seconds what a site sees in a minute.
    private const string Eager =
        "policy: vio\noptions: { hold: 2s, calm: 2s, leastGain: 1, moveCostSeconds: 1s, percentile: 0.9 }\n";

    [Fact]
    public async Task A_full_host_gives_a_node_away_when_the_plan_is_applied()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        await CrowdAsync(site);
        var plan = await PlanWithMoveAsync(site);
        var change = plan.GetProperty("plan").GetProperty("changes").EnumerateArray()
            .First(one => one.GetProperty("to").GetString() != one.GetProperty("from").GetString());
        var (node, to) = (change.GetProperty("name").GetString()!, change.GetProperty("toName").GetString()!);
        Assert.Equal("h1", await site.HostOfAsync(node));

        var number = plan.GetProperty("plan").GetProperty("plan").GetInt64();
        Assert.Equal(ExitCode.Done, (await site.VioAsync("adapt", "apply", $"{number}")).Code);
        await Until.TrueAsync(async () => await site.HostOfAsync(node) == to);
        await Until.TrueAsync(async () => (await site.JsonAsync("adapt", "history")).EnumerateArray()
            .Single(one => one.GetProperty("plan").GetInt64() == number) is var line
            && line.GetProperty("done").GetInt32() + line.GetProperty("refused").GetInt32()
                + line.GetProperty("failed").GetInt32() > 0);

        var moves = (await site.JsonAsync("op", "ls")).EnumerateArray()
            .Where(op => op.GetProperty("kind").GetString() == "move").ToList();
        Assert.NotEmpty(moves);
        Assert.All(moves, op => Assert.Equal("system:adaptation", op.GetProperty("by").GetString()));
        var again = await site.VioAsync("adapt", "apply", $"{number}");
        Assert.Contains("was approved by", again.Error, StringComparison.Ordinal);

        await site.JsonAsync("adapt", "plan");
        var moved = await site.JsonAsync("adapt", "explain", node);
        Assert.Equal(to, moved.GetProperty("to").GetString());
        Assert.True(moved.GetProperty("inputs").TryGetProperty("lastMoved", out _));
        var replay = await site.JsonAsync("adapt", "replay", "--plan", $"{number}", "--policy", "violin-2007");
        Assert.NotEqual(0, replay.GetProperty("then").GetProperty("changes").GetArrayLength());
    }

    [Fact]
    public async Task A_host_that_vanished_since_the_plan_is_named_and_nothing_is_lost()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        await CrowdAsync(site);
        var plan = await PlanWithMoveAsync(site);
        await site.KillHostAsync("h2");
        Assert.Equal(ExitCode.Done, (await site.VioAsync("adapt", "apply")).Code);
        await Until.TrueAsync(async () => Phases(await site.JsonAsync("adapt", "status"))
            .All(phase => phase is "refused" or "done"));
        var status = await site.VioAsync("adapt", "status");
        Assert.Contains("host h2 is away", status.Out, StringComparison.Ordinal);
        Assert.NotEqual(0, plan.GetProperty("plan").GetProperty("changes").GetArrayLength());
        foreach (var number in Enumerable.Range(1, 3)) Assert.Equal("h1", await site.HostOfAsync($"astro/n{number}"));
        Assert.Empty(site.World.Violations);
    }

    [Fact]
    public async Task A_node_that_changed_since_the_plan_is_left_alone()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        await CrowdAsync(site);
        await PlanWithMoveAsync(site);
        foreach (var number in Enumerable.Range(1, 3))
            await site.JsonAsync("node", "resize", $"astro/n{number}", "--cpu-weight", "150");
        await site.VioAsync("adapt", "apply");
        await Until.TrueAsync(async () => Phases(await site.JsonAsync("adapt", "status"))
            .All(phase => phase == "refused"));
        Assert.Contains("it was changed since", (await site.VioAsync("adapt", "status")).Out, StringComparison.Ordinal);
        foreach (var number in Enumerable.Range(1, 3)) Assert.Equal("h1", await site.HostOfAsync($"astro/n{number}"));
    }

    [Fact]
    public async Task Automatic_does_by_itself_what_it_plans()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        await CrowdAsync(site);
        await site.JsonAsync("adapt", "mode", "automatic", "--period", "1");
        await Until.TrueAsync(async () => (await site.JsonAsync("node", "ls", "astro")).EnumerateArray()
            .Any(node => node.GetProperty("hostName").GetString() == "h2"));
        var line = (await site.JsonAsync("adapt", "history")).EnumerateArray().Last();
        Assert.Equal("system:adaptation", line.GetProperty("approvedBy").GetString());
        Assert.Empty(site.World.Violations);
    }

    [Fact]
    public async Task Partial_changes_shares_and_leaves_what_a_person_set()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        await site.VioAsync(Eager, ["adapt", "policy", "-f", "-"]);
        await site.RunAsync("astro", "", "", "");
        await ScriptAsync(site, SimLoad.Busy, SimLoad.Busy, new SimLoad(0.1));
        await site.JsonAsync("adapt", "mode", "partial", "--period", "1");
        await Until.TrueAsync(async () => await WeightAsync(site, "n3") < await WeightAsync(site, "n1"));
        var resizes = (await site.JsonAsync("op", "ls")).EnumerateArray()
            .Where(op => op.GetProperty("kind").GetString() == "resize");
        Assert.All(resizes, op => Assert.Equal("system:adaptation", op.GetProperty("by").GetString()));

        // While the manager's own change of it runs, the node is busy.
        await Until.TrueAsync(async () =>
            (await site.VioAsync("node", "resize", "astro/n3", "--cpu-weight", "777")).Code == ExitCode.Done);
        var round = (await site.JsonAsync("adapt", "status")).GetProperty("lastRound").GetProperty("round").GetInt64();
        await Until.TrueAsync(async () => (await site.JsonAsync("adapt", "status"))
            .GetProperty("lastRound").GetProperty("round").GetInt64() > round + 2);
        Assert.Equal(777, await WeightAsync(site, "n3"));
        Assert.Contains("somebody set its CPU weight", (await site.VioAsync("adapt", "explain", "astro/n3")).Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_drained_gives_up_its_nodes()
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.VioAsync(Eager, ["adapt", "policy", "-f", "-"]);
        await site.RunAsync("astro", "", "");
        await ScriptAsync(site, new SimLoad(0.2), new SimLoad(0.2));
        var (full, other) = await site.HostOfAsync("astro/n1") == "h1" ? ("h1", "h2") : ("h2", "h1");
        var drain = await site.VioAsync("host", "drain", full);
        Assert.Contains("vio adapt plan", drain.Out, StringComparison.Ordinal);
        await PlanWithMoveAsync(site);
        await site.VioAsync("adapt", "apply");
        await Until.TrueAsync(async () => await site.HostOfAsync("astro/n1") == other);
        Assert.Contains(full, (await site.VioAsync("adapt", "status")).Out, StringComparison.Ordinal);
        Assert.Contains("takes nodes again", (await site.VioAsync("host", "open", full)).Out, StringComparison.Ordinal);
    }

    private static async Task<int> WeightAsync(SimulatedSite site, string node) =>
        (await site.JsonAsync("node", "show", $"astro/{node}")).GetProperty("cpuWeight").GetInt32();

    private static async Task ScriptAsync(SimulatedSite site, params SimLoad[] loads)
    {
        var nodes = (await site.JsonAsync("node", "ls", "astro")).EnumerateArray()
            .OrderBy(node => node.GetProperty("name").GetString(), StringComparer.Ordinal);
        foreach (var (node, load) in nodes.Zip(loads))
            site.World.Script(
                NodeId.From(node.GetProperty("id").GetString()!), new SimPhase(TimeSpan.Zero, load));
    }

    /// <summary>Three busy nodes on a host of two cores; another host comes later.</summary>
    private static async Task CrowdAsync(SimulatedSite site)
    {
        await site.VioAsync(Eager, ["adapt", "policy", "-f", "-"]);
        await site.RunAsync("astro", "", "", "");
        await ScriptAsync(site, SimLoad.Busy, SimLoad.Busy, SimLoad.Busy);
        await site.JoinAsync("h2");
    }

    private static async Task<JsonElement> PlanWithMoveAsync(SimulatedSite site)
    {
        var plan = default(JsonElement);
        await Until.TrueAsync(async () =>
        {
            plan = await site.JsonAsync("adapt", "plan");
            return plan.GetProperty("plan").GetProperty("changes").EnumerateArray()
                .Any(one => one.GetProperty("to").GetString() != one.GetProperty("from").GetString());
        });
        return plan;
    }

    private static IEnumerable<string?> Phases(JsonElement status) => status.GetProperty("plan").GetProperty("changes")
        .EnumerateArray().Select(one => one.GetProperty("phase").GetString());
}
