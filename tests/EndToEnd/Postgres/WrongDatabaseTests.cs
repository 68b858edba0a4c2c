using VioActors.Bench.Servers;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Postgres;

/// <summary>A database that cannot be the store: one line says what and what to do, and nothing is lost.</summary>
public sealed class WrongDatabaseTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=vio;Username=vio", "cannot be reached", "Start PostgreSQL, or correct")]
    [InlineData("Host=127.0.0.1;Prot=1;Database=vio", "its address is not understood", "Write it as Host=..")]
    [InlineData("Host=127.0.0.1;Database=vio;Passfile=/nowhere/at/all", "cannot be reached", "correct Host and Port")]
    public async Task What_is_no_database_is_named(string store, string says, string remedy)
    {
        using var own = new OwnServer(store);
        Says(await own.RefusedAsync(), says, remedy);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named()
    {
        using var own = new OwnServer((await server.NewDatabaseAsync()).Replace("Database=t", "Database=nosuch"));
        Says(await own.RefusedAsync(), "does not exist", "Make it: createdb");
    }

    [Theory]
    [InlineData("COMMENT ON SCHEMA vio IS '99'", "its schema is 99", "COMMENT ON SCHEMA vio IS '{0}'")]
    [InlineData("COMMENT ON SCHEMA vio IS 'mine'", "its schema vio is not ours", "COMMENT ON SCHEMA vio IS '{0}'")]
    [InlineData("ALTER DATABASE {1} SET default_transaction_read_only = on", "it is read-only",
        "BEGIN READ WRITE; ALTER DATABASE {1} RESET default_transaction_read_only; COMMIT")]
    public async Task A_database_in_a_wrong_state_is_named_and_untouched(string harm, string says, string mend)
    {
        var store = await server.NewDatabaseAsync();
        using var own = new OwnServer(store);
        await using (var first = await own.StartAsync())
            await OwnServer.AddUserAsync(first, "before");
        var version = await PostgresInstance.RunAsync(
            store, "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'vio'");
        var database = await PostgresInstance.RunAsync(store, "SELECT current_database()");
        await PostgresInstance.RunAsync(store, string.Format(harm, version, database));
        Says(await own.RefusedAsync(), says);

        await PostgresInstance.RunAsync(store, string.Format(mend, version, database));
        await using var again = await own.StartAsync();
        Assert.Contains("before", await OwnServer.UsersAsync(again));
    }

    [Fact]
    public async Task A_clock_far_off_is_told_with_both_times()
    {
        var store = await server.NewDatabaseAsync();
        using var own = new OwnServer(store);
        Says(await own.RefusedAsync(new LateClock()), "its clock says", "Set both by NTP");
        await using var right = await own.StartAsync();
    }

    [Fact]
    public async Task A_file_on_a_read_only_disk_is_named_and_untouched()
    {
        if (!System.Environment.IsPrivilegedProcess) Assert.Skip("needs root to mount a file system");
        using var place = new OwnServer(null);
        var (disk, runner) = (place.In("disk"), new ProcessRunner(TimeProvider.System));
        Directory.CreateDirectory(disk);
        await runner.RunAsync(new ProcessCommand("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk));
        try
        {
            using var own = new OwnServer(Path.Combine(disk, "site.db"));
            await using (var first = await own.StartAsync())
                await OwnServer.AddUserAsync(first, "before");
            await runner.RunAsync(new ProcessCommand("mount", "-o", "remount,ro", disk));
            Says(await own.RefusedAsync(), Path.Combine(disk, "site.db"), "is read-only", "Mount its disk for writing");
            await runner.RunAsync(new ProcessCommand("mount", "-o", "remount,rw", disk));
            await using var again = await own.StartAsync();
            Assert.Contains("before", await OwnServer.UsersAsync(again));
        }
        finally
        {
            await runner.RunAsync(new ProcessCommand("umount", disk));
        }
    }

    private static void Says(string line, params string[] parts)
    {
        foreach (var part in parts)
            Assert.True(line.Contains(part, StringComparison.Ordinal), line);
    }

    private sealed class LateClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromHours(1);
    }
}
