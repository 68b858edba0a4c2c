using Microsoft.AspNetCore.Http;

namespace VioActors.Daemon.Tests.Cli;

public sealed class RetryTests
{
    [Fact]
    public async Task A_lost_answer_is_asked_for_again_under_the_same_key()
    {
        await using var server = await FakeServer.StartAsync();
        var asked = 0;
        server.On("POST hosts/h1/fenced", context =>
        {
            if (Interlocked.Increment(ref asked) > 1) return context.Response.WriteAsJsonAsync(new { nodes = 2 });
            context.Abort();
            return Task.CompletedTask;
        });

        var run = await CliRun.OfAsync(server, "host", "fenced", "h1", "--yes");

        Assert.Equal(0, run.Code);
        Assert.Equal(2, server.Requests.Count);
        Assert.Single(server.Requests.Select(seen => seen.Key).Distinct());
        Assert.All(server.Requests, seen => Assert.NotNull(seen.Key));
    }

    [Fact]
    public async Task Two_calls_have_two_keys()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST hosts/h1/fenced", new { nodes = 0 });

        await CliRun.OfAsync(server, "host", "fenced", "h1", "--yes");
        await CliRun.OfAsync(server, "host", "fenced", "h1", "--yes");

        Assert.Equal(2, server.Requests.Select(seen => seen.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_a_bounded_number_of_times()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET hosts", context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "0";
            return Task.CompletedTask;
        });

        var run = await CliRun.OfAsync(server, "host", "ls");

        Assert.Equal(1, run.Code);
        Assert.Equal(4, server.Requests.Count);
        Assert.All(server.Requests, seen => Assert.Null(seen.Key));
    }

    [Fact]
    public async Task The_token_is_sent_and_never_shown()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET hosts", Array.Empty<object>());
        var host = CliRun.HostOf(name => name switch
        {
            "VIO_TOKEN" => "secret-word",
            "VIO_SERVER" => "unix:" + server.Socket,
            _ => null,
        });

        var run = await CliRun.OfAsync(host, ["host", "ls"]);

        Assert.Equal("Bearer secret-word", Assert.Single(server.Requests).Authorization);
        Assert.DoesNotContain("secret-word", run.Out + run.Error);
    }
}
