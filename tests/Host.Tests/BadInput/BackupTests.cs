using VioActors.Daemon.Cli;
using VioActors.Daemon.Server;
using VioActors.Daemon.Tests.Cli;
using VioActors.Host.Tests.Server;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>Copies of the store are made, looked over and put back, and what is no copy is turned away.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task A_copy_of_a_running_site_is_put_back_and_adopted()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        await site.RunAsync("early", "");
        var (copy, config) = (In(site, "copy"), await ConfigAsync(site));
        var position = (await site.JsonAsync("store", "show")).GetProperty("position").GetInt64();
        Assert.True((await site.JsonAsync("store", "backup", copy)).GetProperty("bytes").GetInt64() > 0);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(copy));
        Assert.Equal(position, StoreFile.Inspect(copy).Position);
        Assert.Empty(Directory.GetFiles(site.Site.Options.DataDirectory, "backup*"));
        await RefusedAsync(site, ExitCode.WrongUsage, "exists already", "store", "backup", copy);
        await RefusedAsync(site, ExitCode.Failed, "Another server runs", "store", "restore", copy, "--config", config);

        await site.RunAsync("late", "");
        await site.RestartServerAsync(async store =>
        {
            Assert.Equal(ExitCode.Done, (await site.VioAsync("store", "restore", copy, "--config", config)).Code);
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(store)!, "site.db.before-*"));
        });
        await Until.TrueAsync(async () => (await site.VioAsync("store", "show")).Code == ExitCode.Failed);
        Assert.Equal(ExitCode.Done, (await site.VioAsync("store", "adopt", "--yes")).Code);
        Assert.Equal("early", Assert.Single((await site.JsonAsync("env", "ls")).EnumerateArray())
            .GetProperty("name").GetString());
        Assert.Equal(ExitCode.Done, (await site.VioAsync("store", "check")).Code);
    }

    [Fact]
    public async Task What_is_no_copy_of_this_sites_store_is_not_put_back()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 0);
        await using var other = await TestSite.StartAsync();
        var (copy, text, empty, newer, theirs) = (
            In(site, "copy"), In(site, "text"), In(site, "empty"), In(site, "newer"), In(site, "theirs"));
        await site.JsonAsync("store", "backup", copy);
        await File.WriteAllTextAsync(text, "no store at all, but long enough to look at: " + new string('x', 5000));
        await File.WriteAllTextAsync(empty, "");
        File.Copy(copy, newer);
        await using (var file = new FileStream(newer, FileMode.Open))
        {
            file.Position = 60; // user_version, big endian
            file.Write([0, 0, 0, 99]);
        }
        await other.Get<SqlStore>().BackupSqliteAsync(theirs, TestContext.Current.CancellationToken);
        var config = await ConfigAsync(site);
        await site.RestartServerAsync(async store =>
        {
            foreach (var (file, says) in new[]
            {
                (text, "cannot be read as a store"), (empty, "it is no store of VioActors"),
                (newer, "its schema is 99"), (theirs, "belongs to site"), (In(site, "nothing"), "There is no file"),
            })
                await RefusedAsync(site, ExitCode.Failed, says, "store", "restore", file, "--config", config);
            Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(store)!, "*.restoring"));
            Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(store)!, "site.db.before*"));
        });
        Assert.Equal(ExitCode.Done, (await site.VioAsync("store", "show")).Code);
    }

    [Fact]
    public async Task What_nobody_writes_is_found()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        Assert.Equal(ExitCode.Done, (await site.VioAsync("store", "check")).Code);
        var store = site.Site.Get<SqlStore>();
        await store.RunAsync("UPDATE event SET name = 'site.nonsense/1' WHERE position = 2");
        await store.RunAsync("UPDATE event SET seq = 1000 WHERE position = 3");
        await store.RunAsync("UPDATE event SET generation = 0 WHERE position = 4");
        await store.RunAsync("DELETE FROM event WHERE position = 5");
        await store.RunAsync("UPDATE shard SET generation = 7 WHERE id = 0");
        await store.RunAsync("INSERT INTO inbox (shard, id, receiver, name, json, principal) "
            + "VALUES (0, 'a', 'nobody/a', 'b', '{}', 'c'), (1, 'b', 'nobody/a', 'b', '{}', 'c')");
        var run = await site.VioAsync("store", "check");
        Assert.Equal(ExitCode.Failed, run.Code);
        foreach (var check in new[] { "name", "sequence", "token", "position", "shard" })
            Assert.Contains($"\n{check} ", run.Out, StringComparison.Ordinal);
    }

    private static string In(SimulatedSite site, string name) =>
        Path.Combine(Path.GetDirectoryName(site.Site.Options.DataDirectory)!, name);

    private static async Task<string> ConfigAsync(SimulatedSite site)
    {
        var (options, path) = (site.Site.Options, In(site, "site.json"));
        await File.WriteAllTextAsync(path, $$"""
            { "name": "test", "dataDirectory": "{{options.DataDirectory}}", "apiSocket": "{{options.ApiSocket}}",
              "fabricListen": "127.0.0.1:7444" }
            """);
        return path;
    }

    private static async Task RefusedAsync(SimulatedSite site, int code, string says, params string[] args)
    {
        var run = await site.VioAsync(args);
        Assert.Equal(code, run.Code);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
    }
}
