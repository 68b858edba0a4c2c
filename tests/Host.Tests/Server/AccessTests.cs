using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using VioActors.Contracts;
using VioActors.Daemon.Api;

namespace VioActors.Host.Tests.Server;

/// <summary>Roles at the edge: what is not allowed is denied.</summary>
public sealed class AccessTests
{
    private const string Everyone = "viewer owner operator admin";

    private static readonly (string Method, string Path, string Roles)[] Table =
    [
        ("PUT", "environments", "owner admin"),
        ("GET", "environments", Everyone),
        ("GET", "environments/x", Everyone),
        ("DELETE", "environments/x", "owner admin"),
        ("POST", "environments/x/ping", "owner operator admin"),
        ("POST", "environments/x/machines", "operator admin"),
        ("GET", "environments/x/machines", Everyone),
        ("PUT", "environments/x/machines/m/lease", "operator admin"),
        ("DELETE", "environments/x/machines/m", "operator admin"),
        ("GET", "nodes", Everyone),
        ("GET", "environments/x/nodes/n", Everyone),
        ("GET", "environments/x/nodes/n/logs", Everyone),
        ("POST", "environments/x/nodes/n/move", "owner operator admin"),
        ("POST", "environments/x/nodes/n/resize", "owner operator admin"),
        ("POST", "environments/x/nodes/n/stop", "owner operator admin"),
        ("POST", "environments/x/nodes/n/start", "owner operator admin"),
        ("GET", "operations", Everyone),
        ("GET", "operations/op-1", Everyone),
        ("POST", "operations/op-1/cancel", "owner operator admin"),
        ("GET", "hosts", Everyone),
        ("GET", "hosts/h", Everyone),
        ("POST", "hosts/h/fenced", "operator admin"),
        ("DELETE", "hosts/h/nodes/n", "operator admin"),
        ("GET", "hosts/h/switch", "viewer operator admin"),
        ("GET", "hosts/h/switch/drops", "viewer operator admin"),
        ("GET", "hosts/h/samples", "viewer operator admin"),
        ("GET", "samples", Everyone),
        ("POST", "hosts/h/switch/traces", "admin"),
        ("POST", "hosts/h/switch/traces/1/frames", "admin"),
        ("DELETE", "hosts/h/switch/traces/1", "admin"),
        ("PUT", "hosts/h/drain", "operator admin"),
        ("GET", "reach", "viewer operator admin"),
        ("PUT", "reach", "operator admin"),
        ("GET", "adapt", "viewer operator admin"),
        ("POST", "adapt", "admin"),
        ("POST", "adapt/plans", "operator admin"),
        ("POST", "adapt/apply", "admin"),
        ("GET", "adapt/plans", "viewer operator admin"),
        ("GET", "adapt/explain/x/n", "viewer operator admin"),
        ("POST", "adapt/replay", "viewer operator admin"),
        ("GET", "cluster", "viewer operator admin"),
        ("GET", "cluster/actors/site/s", "admin"),
        ("GET", "cluster/journal", "admin"),
        ("GET", "cluster/deadletters", "admin"),
        ("POST", "cluster/deadletters/d/retry", "admin"),
        ("DELETE", "cluster/deadletters/d", "admin"),
        ("POST", "cluster/servers/s/drain", "admin"),
        ("POST", "cluster/servers/s/down", "admin"),
        ("POST", "join-tokens", "admin"),
        ("GET", "users", "admin"),
        ("PUT", "users/u", "admin"),
        ("DELETE", "users/u", "admin"),
        ("GET", "images", Everyone),
        ("PUT", "images/i", "admin"),
        ("DELETE", "images/i", "admin"),
        ("PUT", "blobs/b", "admin"),
        ("HEAD", "blobs/b", "admin"),
        ("GET", "store", "viewer operator admin"),
        ("GET", "store/backup", "admin"),
        ("GET", "store/check", "admin"),
        ("POST", "store/adopt", "admin"),
    ];

    [Fact]
    public async Task Each_role_may_do_what_the_table_says_and_nothing_else()
    {
        await using var site = await TestSite.StartAsync();
        foreach (var role in new[] { Role.Viewer, Role.Owner, Role.Operator, Role.Admin })
        {
            var word = role.ToString().ToLowerInvariant();
            using var client = site.Remote(await site.UserAsync($"test-{word}", role));
            foreach (var (method, path, roles) in Table)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                var answer = await client.SendAsync(request);
                var allowed = roles.Split(' ').Contains(word);
                Assert.True(
                    allowed == (answer.StatusCode != HttpStatusCode.Forbidden),
                    $"{word} {method} {path}: {answer.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task Every_endpoint_states_its_access_and_the_table_knows_it()
    {
        await using var site = await TestSite.StartAsync();
        var endpoints = site.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.All(endpoints, endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<Access>()));
        var guarded = endpoints.Count(endpoint =>
            endpoint.Metadata.GetMetadata<Access>() is { Door: Door.Api, Anyone: false });
        Assert.Equal(Table.Length + 1, guarded); // the stream of events has its own test
    }

    [Fact]
    public async Task No_token_a_wrong_token_and_a_removed_user_are_nobody()
    {
        await using var site = await TestSite.StartAsync();
        using var none = site.Remote();
        Assert.Equal(HttpStatusCode.Unauthorized, (await none.GetAsync("environments")).StatusCode);
        using var wrong = site.Remote("vio_wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync("environments")).StatusCode);
        using var wrongLocal = site.Local("vio_wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, (await wrongLocal.GetAsync("environments")).StatusCode);
        using var eve = site.Remote(await site.UserAsync("eve", Role.Viewer));
        Assert.Equal(HttpStatusCode.OK, (await eve.GetAsync("environments")).StatusCode);
        using var admin = site.Local();
        Assert.Equal(HttpStatusCode.OK, (await admin.DeleteAsync("users/eve")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await eve.GetAsync("environments")).StatusCode);
    }

    [Fact]
    public async Task The_first_administrators_token_is_in_a_private_file_and_works()
    {
        await using var site = await TestSite.StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(site.Options.AdminTokenPath));
        using var admin = site.Remote(site.AdminToken);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("users")).StatusCode);
    }

    [Fact]
    public async Task Roles_of_machines_cannot_be_given_to_users()
    {
        await using var site = await TestSite.StartAsync();
        using var admin = site.Local();
        foreach (var role in new[] { "agent", "system", "nonsense" })
        {
            var answer = await System.Net.Http.Json.HttpClientJsonExtensions.PutAsJsonAsync(admin, "users/eve",
                new { role });
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }
}
