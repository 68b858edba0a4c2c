using Microsoft.AspNetCore.Http;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Cli;

public sealed class EventsTests
{
    private static string Event(long position) =>
        $"id: {position}\nevent: x\ndata: {{\"position\":{position},\"actor\":\"site/s\",\"name\":\"a.b/1\","
        + "\"at\":\"2026-01-01T00:00:00Z\",\"by\":\"system:system\",\"data\":{}}\n\n";

    [Fact]
    public async Task After_a_lost_connection_it_goes_on_behind_the_last_event()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET events?after=0", context => context.Response.WriteAsync(": hello\n\n" + Event(1) + Event(2)));
        server.On("GET events?after=2", context => context.Response.WriteAsync(Event(2) + Event(3)));
        var host = CliRun.HostOf();
        using var client = new ApiClient(new ApiConnection(
            ServerAddress.Parse("unix:" + server.Socket, null, null, "test"), RetryPolicy.Terminal, host.Time));
        var seen = new List<long>();

        await foreach (var one in client.Events().ReadAsync(0, host.Time, TestContext.Current.CancellationToken))
        {
            seen.Add(one.Position);
            if (one.Position == 3) break;
        }

        Assert.Equal([1L, 2, 3], seen);
    }

    [Fact]
    public async Task Interrupt_ends_the_stream_with_0_and_json_lines_before()
    {
        await using var server = await FakeServer.StartAsync();
        var host = CliRun.HostOf();
        server.On("GET events?after=7", async context =>
        {
            await context.Response.WriteAsync(Event(8));
            await context.Response.Body.FlushAsync();
            host.Interrupts.Raise();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

        var run = await CliRun.OfAsync(
            host, ["events", "--after", "7", "--json", "--server", "unix:" + server.Socket]);

        Assert.Equal(0, run.Code);
    }
}
