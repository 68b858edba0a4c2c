using System.Net;
using System.Security.Cryptography;
using VioActors.Daemon.Security;

namespace VioActors.Host.Tests.Server;

/// <summary>Join tokens: once, in time, with the right secret, of this site.</summary>
public sealed class JoinTests
{
    [Fact]
    public async Task A_token_lets_one_host_join_once()
    {
        await using var site = await TestSite.StartAsync();
        var token = await site.JoinTokenAsync("rack-1");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var first = await site.JoinAsync(token, key);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var body = await TestSite.JsonAsync(first);
        Assert.Equal(site.Fabric.Authority, body.GetProperty("fabric")[0].GetString());
        Assert.Equal(site.Trust.Site.Value, body.GetProperty("site").GetString());
        var again = await site.JoinAsync(token, key);
        Assert.Equal((HttpStatusCode.Forbidden, "token-used"), (again.StatusCode, await TestSite.CodeAsync(again)));
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        await using var site = await TestSite.StartAsync();
        var token = await site.JoinTokenAsync("rack-1", minutes: 1);
        site.Clock.Shift = TimeSpan.FromMinutes(2);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var code = "";

        // A server whose clock jumped by more than its lease serves again when it has looked at the store.
        await Until.TrueAsync(async () =>
            (code = await TestSite.CodeAsync(await site.JoinAsync(token, key))) != "not-serving");
        Assert.Equal("token-expired", code);
    }

    [Fact]
    public async Task A_wrong_secret_and_another_sites_token_are_refused()
    {
        await using var site = await TestSite.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var good = JoinToken.Parse(await site.JoinTokenAsync("rack-1"));
        var guessed = good with { Secret = RandomNumberGenerator.GetBytes(JoinToken.SecretBytes) };
        Assert.Equal("token-unknown", await TestSite.CodeAsync(await site.JoinAsync(guessed.Print(), key)));
        var foreign = good with { CaSha256 = RandomNumberGenerator.GetBytes(32) };
        Assert.Equal("forbidden", await TestSite.CodeAsync(await site.JoinAsync(foreign.Print(), key)));
        Assert.Equal("bad-input", await TestSite.CodeAsync(await site.JoinAsync("garbage", key)));
        Assert.Equal(HttpStatusCode.OK, (await site.JoinAsync(good.Print(), key)).StatusCode);
    }

    [Fact]
    public async Task A_clock_that_is_off_is_refused_with_both_times()
    {
        await using var site = await TestSite.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var theirs = site.Clock.GetUtcNow().AddMinutes(-6);
        var answer = await site.JoinAsync(await site.JoinTokenAsync("rack-1"), key, theirs);
        var reason = (await TestSite.JsonAsync(answer)).GetProperty("reason").GetString()!;
        Assert.Contains(theirs.UtcDateTime.ToString("u"), reason, StringComparison.Ordinal);
        Assert.Contains("the server's", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_may_not_live_longer_than_15_minutes()
    {
        await using var site = await TestSite.StartAsync();
        using var admin = site.Local();
        var answer = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(
            admin, "join-tokens", new { hostName = "rack-1", minutes = 16 });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
