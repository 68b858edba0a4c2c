using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using VioActors.Bench.Servers;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Restore;
using VioActors.Daemon.Shell;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.EndToEnd.Postgres;

/// <summary>A dump of the database is made while it is used, put back, noticed and adopted.</summary>
public sealed class PostgresRestoreTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_older_dump_is_noticed_and_serves_again_when_it_is_adopted()
    {
        var store = await server.NewDatabaseAsync();
        using var own = new OwnServer(store);
        var dump = own.In("dump.sql");
        await using (var first = await own.StartAsync())
        {
            await OwnServer.AddUserAsync(first, "early");
            await using (var file = File.Create(dump))
                await first.Services.GetRequiredService<StoreCopies>().WriteAsync(_ => { }, file, Cancel);
            await OwnServer.AddUserAsync(first, "late");
            Assert.Empty(await CheckAsync(first));
        }

        await PostgresInstance.RunAsync(store, "DROP SCHEMA vio CASCADE");
        var at = new NpgsqlConnectionStringBuilder(store);
        await new ProcessRunner(TimeProvider.System).RunAsync(new ProcessCommand(
            "psql", "-q", "-h", at.Host!, "-U", at.Username!, "-d", at.Database!, "--set", "ON_ERROR_STOP=1", "-f",
            dump));
        await using var second = await own.StartAsync();
        var (guard, actors) = (
            second.Services.GetRequiredService<StoreGuard>(), second.Services.GetRequiredService<SiteActors>());
        Assert.Equal("this server", guard.Behind?.Witness);
        Assert.Contains("Read-only", actors.Stats.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("late", await OwnServer.UsersAsync(second));

        Assert.Equal(2, await guard.AdoptAsync());
        await actors.ServingAsync(Cancel);
        await OwnServer.AddUserAsync(second, "after");
        var users = await OwnServer.UsersAsync(second);
        Assert.Equal(["admin", "after", "early"], users.Order(StringComparer.Ordinal));
        Assert.Null(guard.Behind);
        Assert.Empty(await CheckAsync(second));
    }

    private static Task<IReadOnlyList<StoreFinding>> CheckAsync(ServerProcess server) => new StoreCheck(
        server.Services.GetRequiredService<SqlStore>(), server.Services.GetRequiredService<MessageCodec>().Knows)
        .RunAsync(Cancel);
}
