using System.Net;
using System.Net.Http.Json;
using VioActors.Host.Tests.Server;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>A server whose disk is full: it says so, keeps what it had, and goes on when there is room.</summary>
public sealed class StoreFullTests
{
    [Fact]
    public async Task A_full_disk_is_said_with_the_remedy_and_survived()
    {
        await using var site = await TestSite.StartAsync();
        await site.UserAsync("before", Contracts.Role.Viewer);
        var store = site.Get<SqlStore>();
        await store.RunAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        await store.RunAsync($"PRAGMA max_page_count = {await store.RunAsync("PRAGMA page_count")}");
        using var admin = site.Local();

        var refused = await UntilAsync(site, answer => answer != HttpStatusCode.OK);
        var text = await refused.Content.ReadAsStringAsync();
        Assert.True(refused.StatusCode == HttpStatusCode.ServiceUnavailable, text);
        Assert.Contains(site.Options.StoreAddress.Path!, text, StringComparison.Ordinal);
        Assert.Contains("the disk is full", text, StringComparison.Ordinal);
        Assert.Contains("Free space on its file system", text, StringComparison.Ordinal);
        Assert.Contains("the disk is full", await (await admin.GetAsync("health")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);

        await store.RunAsync("PRAGMA max_page_count = 1000000");
        await UntilAsync(site, answer => answer == HttpStatusCode.OK);
        var users = await admin.GetStringAsync("users");
        Assert.Contains("\"before\"", users, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> UntilAsync(TestSite site, Func<HttpStatusCode, bool> holds)
    {
        using var admin = site.Local();
        HttpResponseMessage? answer = null;
        var number = 0;
        await Until.TrueAsync(async () =>
        {
            answer = await admin.PutAsJsonAsync($"users/u{number++ % 40}", new { role = "viewer" });
            return holds(answer.StatusCode);
        });
        return answer!;
    }
}
