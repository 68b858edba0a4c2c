using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Host.Tests.Server;

/// <summary>
/// From a spec to a running environment and back, over the API, with an agent that does all it is told.
/// </summary>
public sealed class FlowTests
{
    [Fact]
    public async Task An_environment_is_made_shown_and_deleted()
    {
        await using var site = await TestSite.StartAsync();
        using var agent = await FakeAgent.ConnectAsync(site, await site.HostAsync("rack-1"));
        var serving = agent.ObeyAsync();
        using var admin = site.Local();
        await PutImageAsync(admin);
        using var ann = site.Remote(await site.UserAsync("ann", Role.Owner));
        using var bob = site.Remote(await site.UserAsync("bob", Role.Owner));

        var dry = await ann.PutAsJsonAsync("environments?dryRun=true", Spec());
        Assert.Equal(HttpStatusCode.OK, dry.StatusCode);
        Assert.Equal(3, (await TestSite.JsonAsync(dry)).GetProperty("changes").GetArrayLength());
        await EndsAsync(ann, await ann.PutAsJsonAsync("environments", Spec()));

        var shown = await ann.GetFromJsonAsync<JsonElement>("environments/astro");
        Assert.Equal("running", shown.GetProperty("status").GetString());
        Assert.Equal("rack-1", shown.GetProperty("nodes")[0].GetProperty("hostName").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync("environments/astro")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await bob.DeleteAsync("environments/astro")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("environments/ann~astro")).StatusCode);
        var again = await ann.PutAsJsonAsync("environments", Spec());
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Empty((await TestSite.JsonAsync(again)).GetProperty("changes").EnumerateArray());

        var deleted = await ann.DeleteAsync("environments/astro");
        await EndsAsync(ann, deleted);
        Assert.Empty((await ann.GetFromJsonAsync<JsonElement>("environments")).EnumerateArray());
        agent.Cut();
        await serving;
    }

    [Fact]
    public async Task A_hosts_own_machine_is_connected_shown_and_disconnected()
    {
        await using var site = await TestSite.StartAsync();
        using var agent = await FakeAgent.ConnectAsync(site, await site.HostAsync("rack-1"));
        var serving = agent.ObeyAsync();
        using var admin = site.Local();
        await PutImageAsync(admin);
        using var ann = site.Remote(await site.UserAsync("ann", Role.Owner));
        await EndsAsync(ann, await ann.PutAsJsonAsync("environments", Spec()));

        const string machines = "environments/ann~astro/machines";
        var refused = await ann.PostAsJsonAsync(machines, new { host = "rack-1" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var made = await TestSite.JsonAsync(await admin.PostAsJsonAsync(machines, new { host = "rack-1" }));
        Assert.Equal("rack-1", made.GetProperty("name").GetString());
        var again = await TestSite.JsonAsync(await admin.PostAsJsonAsync(machines, new { host = "rack-1" }));
        Assert.Equal(made.GetProperty("address").GetString(), again.GetProperty("address").GetString());
        Assert.Equal(
            HttpStatusCode.NotFound, (await admin.PostAsJsonAsync(machines, new { host = "rack-9" })).StatusCode);
        var listed = await ann.GetFromJsonAsync<JsonElement>("environments/astro/machines");
        Assert.Equal(made.GetProperty("interface").GetString(), listed[0].GetProperty("interface").GetString());
        Assert.Equal("machine-connected", await TestSite.CodeAsync(await ann.DeleteAsync("environments/astro")));
        Assert.Equal(HttpStatusCode.OK, (await admin.DeleteAsync(machines + "/rack-1")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync(machines + "/rack-1")).StatusCode);
        await EndsAsync(ann, await ann.DeleteAsync("environments/astro"));
        agent.Cut();
        await serving;
    }

    [Fact]
    public async Task A_repeated_request_gets_its_first_answer_also_when_all_is_over()
    {
        await using var site = await TestSite.StartAsync();
        using var agent = await FakeAgent.ConnectAsync(site, await site.HostAsync("rack-1"));
        var serving = agent.ObeyAsync();
        using var admin = site.Local();
        await PutImageAsync(admin);
        using var ann = site.Remote(await site.UserAsync("ann", Role.Owner));
        using var bob = site.Remote(await site.UserAsync("bob", Role.Owner));

        var made = await SendAsync(ann, HttpMethod.Put, "environments", "k-1", Spec());
        await EndsAsync(ann, made);
        await SameAsync(made, await SendAsync(ann, HttpMethod.Put, "environments", "k-1", Spec()));
        // A key is one person's; and without one, or with a fresh one, the answer is that of now.
        Assert.Equal(HttpStatusCode.NotFound,
            (await SendAsync(bob, HttpMethod.Delete, "environments/astro", "k-2")).StatusCode);
        Assert.Equal(HttpStatusCode.OK,
            (await SendAsync(ann, HttpMethod.Put, "environments", "k-3", Spec())).StatusCode);

        var stopped = await SendAsync(
            ann, HttpMethod.Post, "environments/astro/nodes/n1/stop", "k-4", new { graceSeconds = 0 });
        await EndsAsync(ann, stopped);
        var deleted = await SendAsync(ann, HttpMethod.Delete, "environments/astro", "k-2");
        await EndsAsync(ann, deleted);
        await SameAsync(deleted, await SendAsync(ann, HttpMethod.Delete, "environments/astro", "k-2"));
        await SameAsync(stopped, await SendAsync(
            ann, HttpMethod.Post, "environments/astro/nodes/n1/stop", "k-4", new { graceSeconds = 0 }));
        var other = await SendAsync(
            ann, HttpMethod.Post, "environments/astro/nodes/n1/stop", "k-4", new { graceSeconds = 1 });
        Assert.Equal((HttpStatusCode.PreconditionFailed, "idempotency-conflict"),
            (other.StatusCode, await TestSite.CodeAsync(other)));
        Assert.Equal(HttpStatusCode.NotFound,
            (await SendAsync(ann, HttpMethod.Delete, "environments/astro", "k-5")).StatusCode);
        agent.Cut();
        await serving;
    }

    [Fact]
    public async Task Limits_between_nodes_reach_the_switch_and_change_while_all_runs()
    {
        await using var site = await TestSite.StartAsync();
        using var agent = await FakeAgent.ConnectAsync(site, await site.HostAsync("rack-1"));
        var serving = agent.ObeyAsync();
        using var admin = site.Local();
        await PutImageAsync(admin);
        using var ann = site.Remote(await site.UserAsync("ann", Role.Owner));
        await EndsAsync(ann, await ann.PutAsJsonAsync("environments", Spec(5000)));
        await Until.TrueAsync(() => Task.FromResult(
            agent.Switch?.Environments is [{ Limits: [{ RateKbit: 5000 }] }]));

        var dry = await TestSite.JsonAsync(await ann.PutAsJsonAsync("environments?dryRun=true", Spec(64)));
        Assert.Equal(
            "~ limit between n1 and n2 5000 -> 64 kbit/s",
            string.Join(' ', dry.GetProperty("changes").EnumerateArray().Single().EnumerateObject()
                .Select(one => one.Value.GetString())));
        await EndsAsync(ann, await ann.PutAsJsonAsync("environments", Spec(64)));
        await Until.TrueAsync(() => Task.FromResult(
            agent.Switch?.Environments is [{ Limits: [{ RateKbit: 64 }], Entries.Length: 2 }]));
        var shown = await ann.GetFromJsonAsync<JsonElement>("environments/astro");
        Assert.Equal(64, shown.GetProperty("limits")[0].GetProperty("rateKbit").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await ann.PutAsJsonAsync("environments", Spec(64))).StatusCode);

        var refused = await ann.PutAsJsonAsync("environments", Spec(63));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("64 to 100000000 kbit/s", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        agent.Cut();
        await serving;
    }

    private static Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, string key, object? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Idempotency-Key", key);
        if (body is not null) request.Content = JsonContent.Create(body);
        return client.SendAsync(request);
    }

    private static async Task SameAsync(HttpResponseMessage first, HttpResponseMessage again)
    {
        Assert.Equal(first.StatusCode, again.StatusCode);
        Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
    }

    internal static object Spec() => new
    {
        name = "astro",
        subnet = "10.10.0.0/24",
        nodes = new[] { new { name = "n1", image = "tiny" }, new { name = "n2", image = "tiny" } },
    };

    private static object Spec(int rateKbit) => new
    {
        name = "astro",
        subnet = "10.10.0.0/24",
        nodes = new[] { new { name = "n1", image = "tiny" }, new { name = "n2", image = "tiny" } },
        limits = new[] { new { between = new[] { "n2", "n1" }, rateKbit } },
    };

    internal static async Task PutImageAsync(HttpClient admin)
    {
        var content = RandomNumberGenerator.GetBytes(1000);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        (await admin.PutAsync($"blobs/{sha256}", new ByteArrayContent(content))).EnsureSuccessStatusCode();
        var blob = new { sha256, bytes = 1000 };
        var image = new { name = "tiny", kernel = blob, initrd = blob, commandLine = "quiet" };
        var answer = await admin.PutAsJsonAsync("images/tiny", image);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Waits for the operation that was promised, and that it ended well.</summary>
    internal static async Task EndsAsync(HttpClient client, HttpResponseMessage accepted)
    {
        Assert.True(accepted.StatusCode == HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync());
        var id = (await TestSite.JsonAsync(accepted)).GetProperty("operation").GetString();
        JsonElement operation = default;
        await Until.TrueAsync(async () =>
        {
            operation = await client.GetFromJsonAsync<JsonElement>($"operations/{id}");
            return operation.TryGetProperty("endedAt", out _);
        });
        Assert.True(operation.GetProperty("phase").GetString() == "done", operation.ToString());
    }
}
