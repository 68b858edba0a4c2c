using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using VioActors.Embedded.Sample;

namespace VioActors.Embedding.Tests;

/// <summary>The sample application as its user sees it, over HTTP, on a SQLite file.</summary>
public sealed class SampleAppTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly string _directory = Directory.CreateTempSubdirectory("vio-embedding-").FullName;

    [Fact]
    public async Task Accounts_survive_a_restart_and_a_repeated_request_counts_once()
    {
        await using (var app = await StartAsync())
        {
            using var http = Client(app);
            for (var i = 0; i < 2; i++)
                Assert.Equal(50, (await PostAsync(http, "/accounts/ann/deposit", 50, key: "k1")).GetProperty("amount")
                    .GetInt32());
            var refused = await http.PostAsJsonAsync("/accounts/ann/withdraw", new { amount = 60 });
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains("The account holds 50.", await refused.Content.ReadAsStringAsync());
            await PostAsync(http, "/accounts/ann/withdraw", 20);
            Assert.Equal("Healthy", await http.GetStringAsync("/health"));
            await app.StopAsync();
        }

        await using var again = await StartAsync();
        using var client = Client(again);
        var account = await EventuallyAsync(
            async () => await client.GetFromJsonAsync<JsonElement>("/accounts/ann"),
            seen => seen.GetProperty("receipts").GetInt32() == 1);
        Assert.Equal(30, account.GetProperty("balance").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/accounts/bob")).StatusCode);
        await again.StopAsync();
    }

    [Fact]
    public async Task A_site_in_the_application_starts_nodes()
    {
        await using var app = await StartAsync();
        using var http = Client(app);
        var spec = new
        {
            name = "astro",
            subnet = "10.10.0.0/24",
            nodes = new[] { new { name = "n1", image = "tiny", memoryMiB = 128 } },
        };
        var accepted = await EventuallyAsync(
            () => http.PostAsJsonAsync("/environments", spec), answer => answer.IsSuccessStatusCode);
        var id = (await accepted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("environment").GetString();
        // Accepted is not there yet: the site's message to the environment's actor is on its way.
        await EventuallyAsync(
            async () => await (await http.GetAsync($"/environments/{id}")).Content.ReadAsStringAsync(),
            nodes => nodes.Contains("\"power\":\"Ready\""));
        await app.StopAsync();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<WebApplication> StartAsync()
    {
        var app = SampleApp.Build(
        [
            $"--store={Path.Combine(_directory, "sample.db")}", "--urls=http://127.0.0.1:0",
            "--Logging:LogLevel:Default=Warning",
        ]);
        await app.StartAsync();
        return app;
    }

    private static HttpClient Client(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.Single()) };

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, int amount, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = JsonContent.Create(new { amount });
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<T> EventuallyAsync<T>(Func<Task<T>> read, Func<T, bool> holds)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (holds(value)) return value;
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Deadline, $"Never held; last value: {value}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }
}
