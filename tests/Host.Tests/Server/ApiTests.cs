using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using VioActors.Contracts;

namespace VioActors.Host.Tests.Server;

/// <summary>Bodies, idempotency keys, the stream of events, the description.</summary>
public sealed class ApiTests
{
    [Fact]
    public async Task The_same_key_gives_the_same_answer_and_another_body_is_refused()
    {
        await using var site = await TestSite.StartAsync();
        using var admin = site.Local();
        var first = await PutUserAsync(admin, "viewer", "key-1");
        var again = await PutUserAsync(admin, "viewer", "key-1");
        Assert.Equal(
            (await TestSite.JsonAsync(first)).GetProperty("token").GetString(),
            (await TestSite.JsonAsync(again)).GetProperty("token").GetString());
        var other = await PutUserAsync(admin, "operator", "key-1");
        Assert.Equal((HttpStatusCode.PreconditionFailed, "idempotency-conflict"),
            (other.StatusCode, await TestSite.CodeAsync(other)));
        Assert.Equal(HttpStatusCode.BadRequest, (await PutUserAsync(admin, "viewer", new string('k', 65))).StatusCode);
    }

    [Fact]
    public async Task An_answer_without_a_body_leaves_the_connection_open_also_when_it_is_repeated()
    {
        await using var site = await TestSite.StartAsync();
        var connections = 0;
        using var admin = site.Local(connected: () => connections++);
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Post, $"cluster/servers/{site.Options.ServerName}/drain")
            {
                Content = JsonContent.Create(new { isDraining = false }),
            };
            request.Headers.Add("Idempotency-Key", "drain-1");
            Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync(request)).StatusCode);
        }
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("users")).StatusCode);
        Assert.Equal(1, connections);
    }

    [Fact]
    public async Task Bad_bodies_are_explained_and_long_ones_refused()
    {
        await using var site = await TestSite.StartAsync();
        using var admin = site.Local();
        var malformed = await admin.PutAsync("environments", Json("{ \"name\": "));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-input"),
            (malformed.StatusCode, await TestSite.CodeAsync(malformed)));
        var unknown = await admin.PutAsync("environments", Json("""{"name":"a","subnet":"10.0.0.0/24","nods":[]}"""));
        Assert.Contains("nods", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var refused = await admin.PutAsJsonAsync("environments",
            new { name = "../x", subnet = "10.0.0.0/24", nodes = Array.Empty<int>() });
        Assert.Equal((HttpStatusCode.BadRequest, "bad-spec"), (refused.StatusCode, await TestSite.CodeAsync(refused)));
        var tooLong = await admin.PutAsync("environments", Json("\"" + new string('x', 2 << 20) + "\""));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLong.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("environments/none")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("nothing/here")).StatusCode);
    }

    [Fact]
    public async Task The_stream_of_events_resumes_and_hides_hashes()
    {
        await using var site = await TestSite.StartAsync();
        await site.UserAsync("ann", Role.Viewer);
        await site.UserAsync("bob", Role.Viewer);
        using var admin = site.Local();
        var first = await EventsAsync(admin, 0, 4);
        Assert.Equal("site.initialised/1", first[0].GetProperty("name").GetString());
        Assert.DoesNotContain(first, e => e.ToString().Contains("Sha256", StringComparison.Ordinal));
        var resumed = await EventsAsync(admin, first[1].GetProperty("position").GetInt64(), 1);
        Assert.Equal(first[2].GetProperty("position").GetInt64(), resumed[0].GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task An_owner_sees_no_events_of_the_site_or_of_others()
    {
        await using var site = await TestSite.StartAsync();
        using var owner = site.Remote(await site.UserAsync("ann", Role.Owner));
        using var stream = await owner.GetAsync("events?after=0", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await stream.Content.ReadAsStreamAsync();
        using var brief = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await body.ReadExactlyAsync(new byte[1], brief.Token));
    }

    [Fact]
    public async Task The_description_lists_every_route_of_the_api()
    {
        await using var site = await TestSite.StartAsync();
        using var nobody = site.Remote();
        var document = JsonElement.Parse(await nobody.GetStringAsync("openapi/v1.json"));
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        Assert.Contains("/api/v1/environments/{env}/nodes/{node}/move", paths);
        Assert.DoesNotContain(paths, path => path.Contains("fabric", StringComparison.Ordinal));
        var hello = await nobody.GetFromJsonAsync<JsonElement>("hello");
        Assert.Equal(site.Trust.Site.Value, hello.GetProperty("site").GetString());
        Assert.Equal(1, hello.GetProperty("versions").GetProperty("highest").GetInt32());
        Assert.Contains("idempotency-keys", hello.GetProperty("capabilities").EnumerateArray().Select(
            word => word.GetString()));
    }

    [Fact]
    public async Task What_was_answered_is_there_after_a_restart()
    {
        var site = await TestSite.StartAsync();
        var token = await site.UserAsync("ann", Role.Viewer);
        var options = await site.StopAsync();
        await using var again = await TestSite.StartAsync(options: options);
        using var ann = again.Remote(token);
        Assert.Equal(HttpStatusCode.OK, (await ann.GetAsync("environments")).StatusCode);
        Assert.Equal(site.AdminToken, again.AdminToken);
    }

    private static async Task<List<JsonElement>> EventsAsync(HttpClient client, long after, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "events?after=0");
        request.Headers.Add("Last-Event-ID", after.ToString());
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var deadline = new CancellationTokenSource(TestSite.Deadline);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var events = new List<JsonElement>();
        while (events.Count < count && await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                events.Add(JsonElement.Parse(line["data: ".Length..]));
        }
        return events;
    }

    private static Task<HttpResponseMessage> PutUserAsync(HttpClient client, string role, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Put,
            "users/ann")
        { Content = JsonContent.Create(new { role }) };
        request.Headers.Add("Idempotency-Key", key);
        return client.SendAsync(request);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
