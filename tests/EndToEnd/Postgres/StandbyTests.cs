using VioActors.Bench.Servers;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.EndToEnd.Postgres;

/// <summary>A PostgreSQL with a synchronous standby that takes its place.</summary>
public sealed class StandbyTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_store_that_knows_both_goes_on_at_the_promoted_one_with_a_new_generation()
    {
        await using var pair = await StartAsync();
        await using var store = await SqlStore.OpenPostgresAsync(pair.StoreAtBoth, TimeProvider.System, shardCount: 1);
        var before = (await store.ClaimAsync(0, "me", Lease))!.Value;
        await pair.FailOverAsync(_ => Task.CompletedTask);
        await Until.TrueAsync("the store is there again", async () =>
        {
            try
            {
                return (await store.PointAsync()).Generation == before.Generation + 1;
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        });
        Assert.Equal([false], await store.RenewAsync([before], Lease));
        var after = (await store.ClaimAsync(0, "other", Lease))!.Value;
        Assert.Equal((2, before.Epoch + 1), (after.Generation, after.Epoch));
    }

    [Fact]
    public async Task What_the_standby_lacks_is_never_acknowledged()
    {
        await using var pair = await StartAsync();
        await using var store = await SqlStore.OpenPostgresAsync(pair.Store, TimeProvider.System, shardCount: 1);
        await pair.StopStandbyAsync();
        // Longer than any limit on one command.
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ClaimAsync(0, "me", Lease));
        // The primary shows it all the same, and does not vouch for it.
        Assert.Equal(1, (await store.ReadTokensAsync())[0].Epoch);
        await Assert.ThrowsAsync<StoreUnavailableException>(store.ConfirmAsync);
        await pair.FailOverAsync(_ => Task.CompletedTask);
        await using var after = await SqlStore.OpenPostgresAsync(pair.Store, TimeProvider.System);
        Assert.Equal((0, 2), ((await after.ReadTokensAsync())[0].Epoch, (await after.PointAsync()).Generation));
    }

    private static async Task<PostgresPair> StartAsync()
    {
        if (PostgresInstance.Missing is { } missing) Assert.Skip(missing);
        return await PostgresPair.StartAsync(TimeProvider.System);
    }
}
