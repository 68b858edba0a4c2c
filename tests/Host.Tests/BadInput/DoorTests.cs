using System.Net;
using System.Security.Cryptography;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Server;
using VioActors.Daemon.Tests.Cli;
using VioActors.Host.Tests.Server;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>People without the right token or role, and hosts without the right token: what they read.</summary>
public sealed class DoorTests
{
    [Fact]
    public async Task No_token_a_wrong_role_and_another_owners_environment()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var ann = await site.Site.UserAsync("ann", Role.Owner);
        var bob = await site.Site.UserAsync("bob", Role.Owner);
        var eve = await site.Site.UserAsync("eve", Role.Viewer);
        var made = await ByTlsAsync(site, ann, SimulatedSite.Yaml("astro", ""), "env", "apply", "-f", "-");
        Assert.True(made.Code == ExitCode.Done, made.Error);

        Says.Refused(await ByTlsAsync(site, null, "", "env", "ls"), "VIO_TOKEN");
        Says.Refused(await ByTlsAsync(site, "vio_wrong", "", "env", "ls"), "VIO_TOKEN");
        Says.Refused(await ByTlsAsync(site, eve, "", "env", "delete", "astro"), "viewer", "dministrator");
        Says.Refused(await ByTlsAsync(site, ann, "", "user", "add", "x", "--role", "admin"), "owner", "dministrator");
        Says.Refused(await ByTlsAsync(site, bob, "", "env", "show", "astro"), "no environment 'astro'", "vio env ls");
        Says.Refused(await ByTlsAsync(site, bob, "", "env", "delete", "ann~astro"), "no environment", "vio env ls");
        Says.Refused(await ByTlsAsync(site, bob, "", "node", "stop", "astro/n1"), "no environment 'astro'");
        Assert.Equal("ready", (await site.JsonAsync("node", "show", "ann~astro/n1")).GetProperty("power").GetString());
    }

    [Fact]
    public async Task Another_version_of_the_api_is_told_where_this_one_is_described()
    {
        await using var site = await TestSite.StartAsync();
        using var admin = site.Local();
        var answer = await admin.GetAsync("/api/v2/hosts");
        Assert.Equal((HttpStatusCode.NotFound, FailureCode.NotFound), (answer.StatusCode,
            await TestSite.CodeAsync(answer)));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("/api/v2/hosts", text, StringComparison.Ordinal);
        Assert.Contains("See /api/v1/openapi/v1.json", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_site_is_not_believed()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 0);
        var run = await ByTlsAsync(site, "vio_secret", "", ["env", "ls"], new string('0', 64));
        Assert.Equal(ExitCode.NotReachable, run.Code);
        Assert.DoesNotContain("vio_secret", run.Error + run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_with_a_used_an_expired_or_a_foreign_token_joins_nothing()
    {
        await using var site = await SimulatedSite.StartAsync(hosts: 1);
        var used = await site.Site.JoinTokenAsync("h2");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(HttpStatusCode.OK, (await site.Site.JoinAsync(used, key)).StatusCode);
        var late = await site.Site.JoinTokenAsync("h2", minutes: 1);

        await NotJoinedAsync(site, "h2", used, TimeSpan.Zero, "used already, by host 'h2'",
            "Ask an administrator for a new one");
        await NotJoinedAsync(site, "h2", late, TimeSpan.FromMinutes(2), "it ended at", "Ask for a new token");
        await NotJoinedAsync(site, "h9", late, TimeSpan.Zero, "it is for host 'h2'", "'h9'", "Ask for a new token");
        await NotJoinedAsync(site, "h2", late[..^4], TimeSpan.Zero, "The join token cannot be used",
            "Ask for a new token");
    }

    private static async Task NotJoinedAsync(
        SimulatedSite site, string name, string token, TimeSpan later, params string[] words)
    {
        var options = site.OptionsOf(name);
        var refused = await Assert.ThrowsAsync<StartupException>(() => new JoinClient(
            options, new ShiftedClock { Shift = later }).JoinAsync(token, CancellationToken.None));
        foreach (var word in words) Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("{", refused.Message, StringComparison.Ordinal);
        var none = Assert.Throws<StartupException>(() => AgentIdentity.Load(options.IdentityDirectory));
        Assert.Contains("has not joined", none.Message, StringComparison.Ordinal);
    }

    private static Task<CliRun> ByTlsAsync(SimulatedSite site, string? token, string input, params string[] args) =>
        ByTlsAsync(site, token, input, args, site.Site.Trust.RootKeySha256);

    private static Task<CliRun> ByTlsAsync(
        SimulatedSite site, string? token, string input, string[] args, string pin) => CliRun.OfAsync(
        CliRun.HostOf(name => name switch { "VIO_TOKEN" => token, "VIO_CA_SHA256" => pin, _ => null }, input: input),
        [.. args, "--server", $"https://{site.Site.Api.Authority}"]);
}
