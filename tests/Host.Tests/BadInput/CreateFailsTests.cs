using VioActors.Contracts;
using VioActors.Daemon.Cli;
using VioActors.Host.Tests.Server;
using VioActors.Simulation;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>Hypervisors, switches and guests that fail: told with the reason, and nothing half-done is left.</summary>
public sealed class CreateFailsTests
{
    [Fact]
    public async Task A_hypervisor_that_fails_in_any_step_of_a_create()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var host = await site.SimAsync("h1");
        foreach (var step in new[] { SimCall.Prepare, SimCall.Start })
        {
            host.FailNext(step, times: 2);
            Says.Refused(await site.ApplyAsync(SimulatedSite.Yaml("astro", "", "")), $"switched on for {step}",
                "See the host");
            host.FailNothing();
            await site.NothingIsLeftAsync();
        }
        await RunsAsync(site);
    }

    [Fact]
    public async Task A_hypervisor_that_fails_when_a_node_is_stopped_and_removed()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var host = await site.SimAsync("h1");
        await RunsAsync(site);
        host.FailNext(SimCall.Stop);
        Says.Refused(await site.VioAsync("node", "stop", "astro/n1"), "switched on for Stop");
        host.FailNothing();
        await Until.TrueAsync(async () =>
            (await site.JsonAsync("node", "show", "astro/n1")).GetProperty("power").GetString() == "ready");
        var again = await site.VioAsync("node", "stop", "astro/n1");
        Assert.True(again.Code == ExitCode.Done, again.Error);
        host.FailNext(SimCall.Remove, times: 100);
        Says.Refused(await site.VioAsync("env", "delete", "astro"), "switched on for Remove");
        host.FailNothing();
        Assert.Equal(ExitCode.Done, (await site.VioAsync("env", "delete", "astro")).Code);
        await site.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_hypervisor_that_cannot_say_whether_a_node_stopped()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var host = await site.SimAsync("h1");
        await RunsAsync(site);
        host.FailNext(SimCall.Stop);
        host.FailNext(SimCall.Observe, times: 1000);
        Says.Refused(await site.VioAsync("node", "stop", "astro/n1"), "switched on for Stop");
        var refused = await site.VioAsync("node", "stop", "astro/n1");
        Says.Refused(refused, "Node n1 is unknown", "switched on for Stop", "See the host's state");
        Assert.DoesNotContain("Bring its host back", refused.Error, StringComparison.Ordinal);
        host.FailNothing();
        await Until.TrueAsync(async () =>
            (await site.JsonAsync("node", "show", "astro/n1")).GetProperty("power").GetString() == "ready");
        Assert.Empty(site.World.Violations);
    }

    [Fact]
    public async Task A_machine_that_ends_by_itself_is_known_without_being_asked_for()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var host = await site.SimAsync("h1");
        await site.RunAsync("astro", "", "");
        var node = NodeId.From((await site.JsonAsync("node", "show", "astro/n1")).GetProperty("id").GetString()!);
        host.EndMachine(node);
        await Until.TrueAsync(async () =>
            (await site.JsonAsync("node", "show", "astro/n1")).GetProperty("power").GetString() == "off");

        var why = (await site.JsonAsync("node", "show", "astro/n1")).GetProperty("why");
        Assert.Equal("machine-ended", why.GetProperty("code").GetString());
        Assert.Contains("host h1", why.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("ready", (await site.JsonAsync("node", "show", "astro/n2")).GetProperty("power").GetString());
        Assert.Equal(ExitCode.Done, (await site.VioAsync("node", "start", "astro/n1")).Code);
        Assert.Empty(site.World.Violations);
    }

    [Fact]
    public async Task A_hypervisor_that_fails_in_any_step_of_a_move()
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.RunAsync("astro", ", host: h1");
        foreach (var (name, step) in new[] { ("h2", SimCall.PrepareIncoming), ("h1", SimCall.Move) })
        {
            var host = await site.SimAsync(name);
            host.FailNext(step, times: 1);
            Says.Refused(await site.VioAsync("node", "move", "astro/n1", "--to", "h2"), $"switched on for {step}");
            host.FailNothing();
            Assert.Equal("h1", await site.HostOfAsync("astro/n1"));
            Assert.False((await site.SimAsync("h2")).KeepsAnything);
            Assert.Equal(0, (await site.HostAsync("h2")).GetProperty("bookedMemoryMiB").GetInt32());
        }
        Assert.Equal(ExitCode.Done, (await site.VioAsync("node", "move", "astro/n1", "--to", "h2")).Code);
        Assert.Empty(site.World.Violations);
    }

    [Fact]
    public async Task A_guest_that_never_boots()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var host = await site.SimAsync("h1");
        host.NeverBootsAny = true;
        var yaml = SimulatedSite.Yaml("astro", "").Replace("20s", "5s", StringComparison.Ordinal);
        var run = await site.ApplyAsync(yaml);
        Says.Refused(run, "create astro: failed", "n1", "5 s", "ends with: sim: booting", "readyTimeout");
        await site.NothingIsLeftAsync();

        var failed = (await site.JsonAsync("op",
            "ls")).EnumerateArray().Select(op => op.GetProperty("failure")).ToList();
        Assert.All(failed, failure => Assert.Equal(FailureCode.NotReady, failure.GetProperty("code").GetString()));
        host.NeverBootsAny = false;
        await RunsAsync(site);
    }

    private static Task RunsAsync(SimulatedSite site) => site.RunAsync("astro", "", "");
}
