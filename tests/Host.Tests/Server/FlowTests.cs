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

    private static object Spec() => new
    {
        name = "astro",
        subnet = "10.10.0.0/24",
        nodes = new[] { new { name = "n1", image = "tiny" }, new { name = "n2", image = "tiny" } },
    };

    private static async Task PutImageAsync(HttpClient admin)
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
    private static async Task EndsAsync(HttpClient client, HttpResponseMessage accepted)
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
