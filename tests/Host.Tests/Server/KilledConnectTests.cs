using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using VioActors.Daemon.Tests.Cli;

namespace VioActors.Host.Tests.Server;

/// <summary>A real server, and a real <c>vio connect</c> that has no time to say goodbye.</summary>
public sealed class KilledConnectTests
{
    private const string Machines = "environments/astro/machines";

    [Fact]
    public async Task A_killed_connect_is_taken_out_and_a_restart_of_the_server_changes_nothing()
    {
        var (site, vio) = await ConnectedAsync();
        using var killed = vio;
        var options = await site.StopAsync();
        await vio.SaysAsync("The site does not hear this machine");
        await using var again = await TestSite.StartAsync(options: options);
        await vio.SaysAsync("The site hears this machine again.");
        using var admin = again.Local();
        var machine = Assert.Single(await MachinesAsync(admin));
        Assert.Equal(("desk", 5), (
            machine.GetProperty("name").GetString(), machine.GetProperty("leaseSeconds").GetInt32()));
        await vio.KillAsync();
        Assert.Single(await MachinesAsync(admin));
        await Until.TrueAsync(async () => (await MachinesAsync(admin)).Length == 0);
        await Until.TrueAsync(async () => await JournalSaysAsync(admin, "not-heard-of"));
    }

    [Fact]
    public async Task A_connect_whose_machine_was_taken_out_ends_and_says_so()
    {
        var (site, vio) = await ConnectedAsync();
        await using var running = site;
        using var ended = vio;
        using var admin = site.Local();
        var node = Assert.Single(await MachinesAsync(admin)).GetProperty("node").GetString();
        var renewed = await admin.PutAsJsonAsync($"{Machines}/desk/lease", new { node });
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        var other = await admin.PutAsJsonAsync($"{Machines}/desk/lease", new { node = Guid.Empty });
        Assert.Equal((HttpStatusCode.Conflict, "not-connected"), (other.StatusCode, await TestSite.CodeAsync(other)));
        Assert.Equal(HttpStatusCode.OK, (await admin.DeleteAsync($"{Machines}/desk")).StatusCode);
        await vio.SaysAsync("Machine 'desk' is not connected to environment astro any more");
        Assert.Equal(1, await vio.EndAsync());
        Assert.False(await JournalSaysAsync(admin, "not-heard-of")); // the other test's control
    }

    /// <summary>A machine that is in an environment; its interface does not come, for its host's agent left.</summary>
    private static async Task<(TestSite Site, ConnectProcess Vio)> ConnectedAsync()
    {
        var site = await TestSite.StartAsync();
        using var agent = await FakeAgent.ConnectAsync(site, await site.HostAsync("rack-1"));
        var serving = agent.ObeyAsync();
        using var admin = site.Local();
        await FlowTests.PutImageAsync(admin);
        await FlowTests.EndsAsync(admin, await admin.PutAsJsonAsync("environments", FlowTests.Spec()));
        agent.Cut();
        await serving;
        var vio = ConnectProcess.Start(site.Options.ApiSocket!, "--lease", "5s");
        await Until.TrueAsync(async () => (await MachinesAsync(admin)).Length == 1);
        return (site, vio);
    }

    private static async Task<JsonElement[]> MachinesAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement[]>(Machines))!;

    private static async Task<bool> JournalSaysAsync(HttpClient admin, string words) =>
        (await admin.GetStringAsync("cluster/journal?limit=500")).Contains(words, StringComparison.Ordinal);
}
