using Microsoft.AspNetCore.Http;
using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Tests.Cli;

public sealed class OperationWatchTests
{
    private const string Get = "GET operations/op-0123456789abcdef";
    private const string Cancel = "POST operations/op-0123456789abcdef/cancel";

    [Fact]
    public async Task A_move_is_followed_to_its_end_with_its_figures()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST environments/astro/nodes/n1/move", new { operation = Samples.Work }, 202);
        server.InTurn(Get, Samples.Operation(OperationPhase.Running), Samples.Operation(OperationPhase.Done, 1));

        var run = await CliRun.OfAsync(server, "node", "move", "astro/n1", "--to", "h2", "--bandwidth", "1GiB");

        Assert.Equal(0, run.Code);
        Assert.Contains("copying", run.Error);
        Assert.Contains("downtime 41 ms", run.Error);
        Assert.Contains("\"bandwidthMiBps\":1024", server.Requests.First().Body);
    }

    [Fact]
    public async Task Detach_returns_the_id_at_once()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("DELETE environments/astro", new { operation = Samples.Work }, 202);

        var run = await CliRun.OfAsync(server, "env", "delete", "astro", "--detach");

        Assert.Equal((0, "op-0123456789abcdef\n"), (run.Code, run.Out));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_failed_operation_is_1_with_the_reason()
    {
        await using var server = await FakeServer.StartAsync();
        var why = new Failure(FailureCode.NoCapacity, "Host h2 has 64 MiB free; n1 needs 96.", "Choose another host.");
        server.On(Get, Samples.Operation(OperationPhase.Failed, 1, why));

        var run = await CliRun.OfAsync(server, "op", "watch", "op-0123456789abcdef");

        Assert.Equal(1, run.Code);
        Assert.Contains("64 MiB free", run.Error);
        Assert.Contains("Choose another host.", run.Error);
    }

    [Fact]
    public async Task The_first_interrupt_cancels_at_the_server_and_waits_for_the_end()
    {
        await using var server = await FakeServer.StartAsync();
        var host = CliRun.HostOf();
        var cancelled = false;
        server.On(Get, context =>
        {
            if (!cancelled) host.Interrupts.Raise();
            var phase = cancelled ? OperationPhase.Cancelled : OperationPhase.Running;
            return context.Response.WriteAsJsonAsync(Samples.Operation(phase), Wire.Json);
        });
        server.On(Cancel, context =>
        {
            cancelled = true;
            return context.Response.WriteAsJsonAsync(new { operation = Samples.Work }, Wire.Json);
        });

        var run = await CliRun.OfAsync(
            host, ["op", "watch", "op-0123456789abcdef", "--json", "--server", "unix:" + server.Socket]);

        Assert.Equal(1, run.Code);
        Assert.Contains(server.Requests, seen => seen.Path.EndsWith("/cancel", StringComparison.Ordinal));
        Assert.Contains("\"phase\":\"cancelled\"", run.Out);
    }

    [Fact]
    public async Task The_second_interrupt_leaves_the_operation_alone()
    {
        await using var server = await FakeServer.StartAsync();
        var host = CliRun.HostOf();
        server.On(Get, Samples.Operation(OperationPhase.Running));
        server.On(Cancel, context =>
        {
            host.Interrupts.Raise();
            return context.Response.WriteAsJsonAsync(new { operation = Samples.Work }, Wire.Json);
        });
        host.Interrupts.Raise();

        var run = await CliRun.OfAsync(
            host, ["op", "watch", "op-0123456789abcdef", "--server", "unix:" + server.Socket]);

        Assert.Equal(1, run.Code);
        Assert.Contains("Interrupted", run.Error);
    }
}
