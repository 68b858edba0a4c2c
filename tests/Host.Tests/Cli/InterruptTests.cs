using System.Diagnostics;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Tests.Cli;

public sealed class InterruptTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    [InlineData("-HUP")]
    public async Task The_first_signal_asks_to_cancel_and_the_second_leaves_the_operation_alone(string signal)
    {
        await using var server = await FakeServer.StartAsync();
        var work = Samples.Operation(OperationPhase.Running);
        server.On($"GET operations/{work.Id}", work);
        using var vio = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "vio.dll"), "op", "watch", $"{work.Id}",
                "--server", "unix:" + server.Socket,
            ])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        using var late = new CancellationTokenSource(Limit, TimeProvider.System);

        await UntilSeenAsync(server, "GET", late.Token);
        await KillAsync(signal, vio.Id);
        await UntilSeenAsync(server, "POST", late.Token);
        await KillAsync(signal, vio.Id);
        await vio.WaitForExitAsync(late.Token);

        Assert.Equal(1, vio.ExitCode);
        Assert.Contains("Interrupted", await vio.StandardError.ReadToEndAsync(late.Token));
    }

    private static async Task UntilSeenAsync(FakeServer server, string method, CancellationToken late)
    {
        while (!server.Requests.Any(seen => seen.Method == method))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, late);
    }

    private static async Task KillAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [signal, $"{process}"]);
        await kill.WaitForExitAsync();
    }
}
