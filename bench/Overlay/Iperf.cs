using System.Text.Json;
using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>What one TCP transfer gave.</summary>
/// <param name="Mbps">Received, Mbit/s of payload.</param>
/// <param name="Gigabits">Received in all.</param>
internal readonly record struct Transfer(double Mbps, double Gigabits);

/// <summary>TCP by iperf3 from one end to the other.</summary>
internal sealed class Iperf(Underlay under)
{
    // The kernel's default, whatever this machine uses: others hide loss, or pace what is sent.
    private const string Congestion = "cubic";
    private const string Port = "5201";
    /// <summary>Sends for a time.</summary>
    /// <param name="system">The path.</param>
    /// <param name="streams">How many connections share it.</param>
    /// <param name="seconds">Whole seconds.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="BenchException">Nothing arrived.</exception>
    public async Task<Transfer> RunAsync(OverlaySystem system, int streams, int seconds, CancellationToken cancel)
    {
        var server = under.Start(
            system.Far.Space, "iperf3", "iperf3", "-s", "-1", "-B", system.Far.Address, "-p", Port, "--forceflush");
        try
        {
            await OverlayWait.UntilAsync("iperf3 listens", under.Time, () =>
            {
                server.CheckAlive();
                return Task.FromResult(server.LastWords.Contains("listening"));
            }, cancel);
            var client = await under.Runner.TryAsync(new("ip", [
                "netns", "exec", system.Near.Space, .. OverlayPriority.Command, "iperf3", "-c", system.Far.Address,
                "-p", Port, "-t", $"{seconds}", "-P", $"{streams}", "-C", Congestion, "-i", "0", "-J",
                "--connect-timeout", "3000"])
            {
                Timeout = TimeSpan.FromSeconds(seconds + 20),
            }, cancel);
            return client.ExitCode == 0
                ? Parse(client.Output)
                : throw new BenchException($"iperf3 over {system.Name} failed: {Reason(client)}");
        }
        finally
        {
            await under.EndAsync(server);
        }
    }

    private static string Reason(ProcessResult client) =>
        client.Output.Split('\n').FirstOrDefault(line => line.Contains("\"error\""))?.Trim() ?? client.Error.Trim();

    private static Transfer Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var sum = document.RootElement.GetProperty("end").GetProperty("sum_received");
        return new Transfer(
            sum.GetProperty("bits_per_second").GetDouble() / 1e6, sum.GetProperty("bytes").GetDouble() * 8 / 1e9);
    }
}
