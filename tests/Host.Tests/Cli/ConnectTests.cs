using System.Diagnostics;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Tests.Cli;

public sealed class ConnectTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // The loopback interface stands for one that came; the other never comes.
    [Theory]
    [InlineData("lo", "desk is connected: lo has 10.1.0.9/24")]
    [InlineData("viononesuch", "")]
    public async Task The_machine_is_a_node_until_the_command_ends(string link, string says)
    {
        await using var server = await FakeServer.StartAsync();
        var machine = new MachineView("desk", "rack-1", link, "02:00:00:00:00:09", "10.1.0.9/24");
        server.On("POST environments/astro/machines", machine);
        server.On("DELETE environments/astro/machines/desk", machine);
        using var vio = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "vio.dll"), "connect", "astro", "--name", "desk",
                "--host", "rack-1", "--server", "unix:" + server.Socket,
            ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var late = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!server.Requests.Any(seen => seen.Method == "POST"))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, late.Token);
        if (says.Length > 0)
            Assert.Contains(says, await vio.StandardOutput.ReadLineAsync(late.Token));
        Assert.DoesNotContain(server.Requests, seen => seen.Method == "DELETE");
        using (var kill = Process.Start("kill", ["-INT", $"{vio.Id}"]))
            await kill.WaitForExitAsync(late.Token);
        await vio.WaitForExitAsync(late.Token);
        Assert.Equal(0, vio.ExitCode);
        Assert.Single(server.Requests, seen => seen.Method == "DELETE");
        Assert.Contains(
            """{"host":"rack-1","name":"desk"}""", server.Requests.Single(seen => seen.Method == "POST").Body);
    }

    [Fact]
    public async Task What_a_killed_command_left_is_ended_by_name()
    {
        await using var server = await FakeServer.StartAsync();
        server.On(
            "DELETE environments/astro/machines/desk",
            new MachineView("desk", "rack-1", "viox", "02:00:00:00:00:09", "10.1.0.9/24"));
        var run = await CliRun.OfAsync(server, "disconnect", "astro", "desk");
        Assert.Equal((0, "desk is disconnected."), (run.Code, run.Out.Trim()));
    }
}
