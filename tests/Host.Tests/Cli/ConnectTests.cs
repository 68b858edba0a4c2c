using Microsoft.AspNetCore.Http;
using VioActors.Contracts;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Tests.Cli;

public sealed class ConnectTests
{
    private const string Node = "00000009-0000-0000-0000-000000000000";
    private const string Lease = "PUT environments/astro/machines/desk/lease";
    private const string Leaving = "DELETE environments/astro/machines/desk";

    // The loopback interface stands for one that came; the other never comes.
    [Theory]
    [InlineData("lo", "desk is connected: lo has 10.1.0.9/24")]
    [InlineData("viononesuch", "")]
    public async Task The_machine_is_a_node_until_the_command_ends(string link, string says)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST environments/astro/machines?leaseSeconds=60", Machine(link));
        server.On(Leaving, Machine(link));
        using var vio = ConnectProcess.Start(server.Socket);
        while (!server.Requests.Any(seen => seen.Method == "POST"))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, vio.Late);
        if (says.Length > 0)
            Assert.Contains(says, await vio.ReadOutAsync());
        Assert.DoesNotContain(server.Requests, seen => seen.Method == "DELETE");
        Assert.Equal(0, await vio.InterruptAsync());
        Assert.Single(server.Requests, seen => seen.Method == "DELETE");
        Assert.Contains(
            """{"host":"rack-1","name":"desk"}""", server.Requests.Single(seen => seen.Method == "POST").Body);
    }

    [Fact]
    public async Task It_renews_while_it_can_and_ends_when_it_hears_that_it_was_taken_out()
    {
        await using var server = await FakeServer.StartAsync();
        var machine = Machine("lo") with { Node = NodeId.From(Node), LeaseSeconds = 5 };
        server.On("POST environments/astro/machines?leaseSeconds=5", machine);
        var renewals = 0;
        server.On(Lease, async context =>
        {
            var (status, answer) = ++renewals switch
            {
                2 => (500, new Problem("bug", "It is broken.", "Mend it.")),
                4 => (409, new Problem(FailureCode.NotConnected, "desk is not connected any more.", "Do it again.")),
                _ => (200, (object)machine),
            };
            context.Response.StatusCode = status;
            await context.Response.WriteAsJsonAsync(answer, answer.GetType(), Wire.Json);
        });
        var run = await CliRun.OfAsync(
            server, "connect", "astro", "--name", "desk", "--host", "rack-1", "--lease", "5s");
        Assert.Equal((1, "desk is connected: lo has 10.1.0.9/24. Ctrl-C ends it."), (run.Code, run.Out.Trim()));
        Assert.Equal(
            """
            The site does not hear this machine, and takes it out after 5 s: It is broken.
            The site hears this machine again.
            desk is not connected any more.
            Do it again.
            """, run.Error.Trim());
        Assert.Equal(4, server.Requests.Count(seen => $"{seen.Method} {seen.Path}" == Lease));
        Assert.All(
            server.Requests.Where(seen => seen.Method == "PUT"),
            seen => Assert.Equal($$"""{"node":"{{Node}}"}""", seen.Body));
        // What has the name now, if anything, is not this command's to take out.
        Assert.DoesNotContain(server.Requests, seen => seen.Method == "DELETE");
    }

    [Theory]
    [InlineData("4s")]
    [InlineData("61m")]
    [InlineData("soon")]
    public async Task A_lease_out_of_range_is_wrong_usage(string lease)
    {
        await using var server = await FakeServer.StartAsync();
        Assert.Equal(2, (await CliRun.OfAsync(server, "connect", "astro", "--lease", lease)).Code);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task What_a_killed_command_left_is_ended_by_name()
    {
        await using var server = await FakeServer.StartAsync();
        server.On(Leaving, Machine("viox"));
        var run = await CliRun.OfAsync(server, "disconnect", "astro", "desk");
        Assert.Equal((0, "desk is disconnected."), (run.Code, run.Out.Trim()));
    }

    private static MachineView Machine(string link) => new("desk", "rack-1", link, "02:00:00:00:00:09", "10.1.0.9/24");
}
