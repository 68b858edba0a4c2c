using System.Text.Json;
using VioActors.Daemon.Cli;
using VioActors.Host.Tests.Server;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>Actors with the longest turns, as operators see them.</summary>
public sealed class SlowActorsTests
{
    [Fact]
    public async Task They_are_listed_with_their_server_and_shown_with_the_actor()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        JsonElement slow = default;
        await Until.TrueAsync(async () =>
            (slow = (await site.JsonAsync("cluster", "slow")).GetProperty("slow")).GetArrayLength() > 0);
        var first = slow[0];
        Assert.True(first.GetProperty("ms").GetDouble() > 0);
        var actor = first.GetProperty("actor").GetString()!;
        Assert.Contains(actor, (await site.VioAsync("cluster", "slow")).Out, StringComparison.Ordinal);
        Assert.Contains("slowest turn", (await site.VioAsync("cluster", "status")).Out, StringComparison.Ordinal);
        var shown = (await site.JsonAsync("cluster", "actor", actor)).GetProperty("slow");
        Assert.Equal(actor, shown.GetProperty("actor").GetString());
        Assert.Equal(ExitCode.Done, (await site.VioAsync("cluster", "shards")).Code);
    }
}
