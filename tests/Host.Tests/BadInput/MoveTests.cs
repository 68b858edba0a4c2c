using VioActors.Contracts;
using VioActors.Daemon.Cli;
using VioActors.Host.Tests.Server;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>Moves that cannot be: the node goes on where it runs, and nothing of the attempt is left.</summary>
public sealed class MoveTests
{
    [Fact]
    public async Task To_the_same_an_unknown_a_full_or_a_dead_host()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 3);
        var large = SimulatedSite.Yaml("large", ", host: h2").Replace("64MiB", "900MiB", StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await site.ApplyAsync(large)).Code);
        await site.RunAsync("astro", ", host: h1");
        await site.KillHostAsync("h3");

        Says.Refused(await MoveAsync(site, "astro/n1", "h1"), "Node n1", "already runs on host 'h1'", "another host");
        Says.Refused(await MoveAsync(site, "astro/n1", "h9"), "no host 'h9'", "vio host ls");
        Says.Refused(await MoveAsync(site, "astro/n9", "h2"), "no node 'n9'", "vio node ls astro");
        Says.Refused(await MoveAsync(site, "astro/n1", "h2"), "129 MiB", "host 'h2' has 46 MiB free of 1024");
        Says.Refused(await MoveAsync(site, "astro/n1", "h3"), "Host 'h3' is away", "vio host fenced");
        await StayedAsync(site);
        Assert.Single((await site.HostAsync("h2")).GetProperty("nodes").EnumerateArray());
        Assert.Empty((await site.HostAsync("h3")).GetProperty("nodes").EnumerateArray());
    }

    [Fact]
    public async Task Of_a_node_that_moves_already_and_a_delete_meanwhile()
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.RunAsync("astro", ", host: h1");
        var move = (await site.JsonAsync("node", "move", "astro/n1", "--to", "h2", "--bandwidth", "1MiB", "--detach"))
            .GetProperty("operation").GetString()!;

        Says.Refused(await MoveAsync(site, "astro/n1", "h2"), "Node n1 is busy", move, "vio op watch", "vio op cancel");
        Says.Refused(await site.VioAsync("node", "stop", "astro/n1"), "Node n1 is busy", move);
        Says.Refused(await site.VioAsync("env", "delete", "astro"), "Environment astro is busy", move, "vio op cancel");

        Assert.Equal(ExitCode.Done, (await site.VioAsync("op", "cancel", move)).Code);
        await Until.TrueAsync(async () => (await site.JsonAsync("op", "ls")).EnumerateArray()
            .All(op => op.TryGetProperty("endedAt", out _)));
        await StayedAsync(site);
        Assert.Equal(ExitCode.Done, (await site.VioAsync("env", "delete", "astro")).Code);
        await site.NothingIsLeftAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task To_a_host_that_dies_on_the_way_whose_room_is_free_when_it_is_back_or_declared_off(bool back)
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.RunAsync("astro", ", host: h1");
        var moving = MoveAsync(site, "astro/n1", "h2", "--bandwidth", "8MiB");
        var target = await site.SimAsync("h2");
        await Until.TrueAsync(() => target.KeepsAnything);
        await site.KillHostAsync("h2");

        Says.Refused(await moving, "n1", "h2");
        await StayedAsync(site);
        Assert.NotEqual(0, await BookedAsync(site, "h2"));

        if (back)
        {
            target.Revive();
            await site.RestartAgentAsync("h2");
        }
        else
        {
            Assert.Equal(ExitCode.Done, (await site.VioAsync("host", "fenced", "h2", "--yes")).Code);
        }

        await Until.TrueAsync(async () => await BookedAsync(site, "h2") == 0);
        await StayedAsync(site);
        Assert.NotEqual(0, await BookedAsync(site, "h1"));
    }

    private static Task<Cli.CliRun> MoveAsync(SimulatedSite site, string node, string to, params string[] more) =>
        site.VioAsync(["node", "move", node, "--to", to, .. more]);

    private static async Task<int> BookedAsync(SimulatedSite site, string host) =>
        (await site.HostAsync(host)).GetProperty("bookedMemoryMiB").GetInt32();

    private static async Task StayedAsync(SimulatedSite site)
    {
        var node = await site.JsonAsync("node", "show", "astro/n1");
        Assert.Equal(("h1", "ready"), (node.GetProperty("hostName").GetString(),
            node.GetProperty("power").GetString()));
        var id = NodeId.From(node.GetProperty("id").GetString()!);
        Assert.Equal((1, 1), (site.World.RunningCopies(id), site.World.MostCopies(id)));
        Assert.False((await site.SimAsync("h2")).Keeps(id) && !(await site.SimAsync("h2")).IsDead);
    }
}
