using System.Net;
using VioActors.Daemon.Cli;
using VioActors.Host.Tests.Server;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>An older copy of the store is put back: who saw more says so, and nothing on hosts is touched.</summary>
public sealed class OldStoreTests
{
    private const string Mark = "store-mark.json";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_older_copy_is_noticed_and_serves_again_when_it_is_adopted(bool serverForgets)
    {
        await using var site = await SimulatedSite.StartAsync();
        await site.RunAsync("early", "");
        var copy = site.Site.Options.StoreAddress.Path! + ".copy";
        await site.RestartServerAsync(store => File.Copy(store, copy));
        await site.RunAsync("late", "", "");
        await AgentsKnowAsync(site);
        var machines = await MachinesAsync(site);
        Assert.Equal(3, machines.Length);

        await site.RestartServerAsync(store =>
        {
            File.Move(copy, store, overwrite: true);
            File.Delete(store + "-wal");
            if (serverForgets) File.Delete(Path.Combine(Path.GetDirectoryName(store)!, Mark));
        });
        await Until.TrueAsync(async () => (await site.VioAsync("store", "show")).Code == ExitCode.Failed);
        var status = await site.VioAsync("cluster", "status");
        Assert.Equal(ExitCode.Failed, status.Code);
        Assert.Contains("Read-only: the store is at generation 1", status.Out, StringComparison.Ordinal);
        var refused = await site.ApplyAsync(SimulatedSite.Yaml("more", ""));
        Assert.Equal(ExitCode.Failed, refused.Code);
        Assert.Contains(serverForgets ? "as host h" : "as this server saw", refused.Error, StringComparison.Ordinal);
        Assert.Contains("vio store adopt", refused.Error, StringComparison.Ordinal);
        using (var admin = site.Site.Local())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await admin.GetAsync("health")).StatusCode);
            Assert.Equal("store-behind", await TestSite.CodeAsync(await admin.PostAsync("hosts/h1/fenced", null)));
        }
        Assert.Single((await site.JsonAsync("env", "ls")).EnumerateArray());
        Assert.Equal(machines, await MachinesAsync(site));

        var meaning = await site.VioAsync("store", "adopt");
        Assert.Equal(ExitCode.WrongUsage, meaning.Code);
        Assert.Contains("gives up all that came after the copy", meaning.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await site.JsonAsync("store", "adopt", "--yes")).GetProperty("generation").GetInt64());
        Assert.Equal(ExitCode.Done, (await site.VioAsync("store", "show")).Code);
        // Every host has said hello to the adopted store when what it does not know is booked all the same.
        await Until.TrueAsync(async () => (await BookedAsync(site)).Length == 3);
        await site.RunAsync("more", "");
        Assert.Equal(4, (await MachinesAsync(site)).Length);
        Assert.Empty(machines.Except(await MachinesAsync(site)));

        var early = (await site.JsonAsync("node", "show", "early/n1")).GetProperty("id").GetString()!;
        var more = (await site.JsonAsync("node", "show", "more/n1")).GetProperty("id").GetString()!;
        foreach (var (host, node) in await BookedAsync(site))
        {
            var isKnown = node == early || node == more;
            var cleared = await site.VioAsync("host", "clear", host, node, "--yes");
            Assert.Equal(isKnown ? ExitCode.Failed : ExitCode.Done, cleared.Code);
        }
        await Until.TrueAsync(async () => (await BookedAsync(site)).Length == 2);
        Assert.Equal(new[] { early, more }.Order(StringComparer.Ordinal), await MachinesAsync(site));
        Assert.Contains("site.store-adopted/1", (await site.VioAsync("cluster", "journal", "--limit", "1000")).Out,
            StringComparison.Ordinal);
    }

    /// <summary>Both agents' files are as far as the store.</summary>
    private static async Task AgentsKnowAsync(SimulatedSite site) => await Until.TrueAsync(async () =>
    {
        var position = (await site.JsonAsync("store", "show")).GetProperty("position").GetInt64();
        return new[] { "h1", "h2" }.All(name => File.ReadAllText(Path.Combine(site.OptionsOf(name).DataDirectory, Mark))
            .Contains($"\"position\":{position},", StringComparison.Ordinal));
    });

    private static async Task<(string Host, string Node)[]> BookedAsync(SimulatedSite site) =>
        [.. (await site.JsonAsync("host", "ls")).EnumerateArray().SelectMany(host => host.GetProperty("nodes")
            .EnumerateArray().Select(node => (host.GetProperty("name").GetString()!, node.GetString()!)))];

    private static async Task<string[]> MachinesAsync(SimulatedSite site) =>
        [.. (await site.SimAsync("h1")).Machines.Concat((await site.SimAsync("h2")).Machines)
            .Select(node => node.Value).Order(StringComparer.Ordinal)];
}
