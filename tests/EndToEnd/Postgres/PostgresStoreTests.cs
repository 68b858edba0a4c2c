using VioActors.Bench.Servers;
using VioActors.Runtime;
using VioActors.Runtime.Sql;
using VioActors.TestKit;

namespace VioActors.EndToEnd.Postgres;

public sealed class PostgresStoreTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    // The store's clock as a row, so that a test can move it.
    private const string StoppedClock =
        """
        CREATE TABLE vio.test_clock (ticks bigint);
        INSERT INTO vio.test_clock VALUES (0);
        CREATE OR REPLACE FUNCTION vio.now_ticks() RETURNS bigint LANGUAGE sql VOLATILE AS
        'SELECT ticks FROM vio.test_clock';
        """;

    public static TheoryData<string> Names => [.. new StoreConformance(_ =>
        throw new InvalidOperationException()).Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Promise(string name)
    {
        var connection = await server.NewDatabaseAsync();
        var suite = new StoreConformance(
            async _ =>
            {
                var store = await SqlStore.OpenPostgresAsync(connection, TimeProvider.System, shardCount: 4);
                await store.RunAsync(StoppedClock);
                return store;
            },
            (store, now) => ((SqlStore)store).RunAsync($"UPDATE vio.test_clock SET ticks = {now.UtcTicks}"));
        await suite.Cases.Single(c => c.Name == name).Run();
    }

    [Fact]
    public async Task What_the_synchronous_standby_lacks_is_never_acknowledged()
    {
        if (PostgresInstance.Missing is { } missing) Assert.Skip(missing);
        await using var pair = await PostgresPair.StartAsync(TimeProvider.System);
        await using var store = await SqlStore.OpenPostgresAsync(pair.Store, TimeProvider.System, shardCount: 1);
        Assert.Equal("early", await store.LabelAsync("early"));
        await pair.StopStandbyAsync();
        // Longer than any limit on one command.
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ClaimAsync(0, "me", TimeSpan.FromMinutes(1)));
        // The primary shows it all the same, and does not vouch for it.
        Assert.Equal(1, (await store.ReadTokensAsync())[0].Epoch);
        await Assert.ThrowsAsync<StoreUnavailableException>(((IStore)store).ConfirmAsync);
        await pair.FailOverAsync(_ => Task.CompletedTask);
        await using var after = await SqlStore.OpenPostgresAsync(pair.Store, TimeProvider.System);
        Assert.Equal((0, 2), ((await after.ReadTokensAsync())[0].Epoch, (await after.PointAsync()).Generation));
    }
}
