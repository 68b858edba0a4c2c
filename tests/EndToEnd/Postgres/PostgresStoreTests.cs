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
}
