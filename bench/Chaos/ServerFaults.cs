namespace VioActors.Bench.Chaos;

/// <summary>What is done to the processes of the servers. Each fault is healed before it returns.</summary>
internal sealed class ServerFaults(ChaosSite site, ChaosDice dice, BenchRun run)
{
    /// <summary>All of them.</summary>
    public IEnumerable<ChaosFault> All =>
    [
        new("server killed", KillAsync), new("server frozen for a moment", () => FreezeAsync(0.2, 2)),
        new("server frozen for longer than its lease", () => FreezeAsync(8, 10)),
        new("both servers killed", KillAllAsync), new("server drained", DrainAsync),
    ];

    private async Task KillAsync()
    {
        var server = dice.Server();
        await site.Cluster.Servers[server].EndAsync(run.Cancel);
        await dice.WaitAsync(0, 3);
        await site.Cluster.StartServerAsync(server, run.Cancel);
    }

    private async Task KillAllAsync()
    {
        foreach (var server in site.Cluster.Servers) await server.EndAsync(run.Cancel);
        await dice.WaitAsync(0, 1);
        await site.StartServersAsync(run.Cancel);
    }

    private async Task FreezeAsync(double from, double to)
    {
        var server = site.Cluster.Servers[dice.Server()];
        await server.SignalAsync("STOP");
        await dice.WaitAsync(from, to);
        await server.SignalAsync("CONT");
    }

    private async Task DrainAsync()
    {
        var (server, other) = (site.Cluster.Servers[dice.Server()].Name, site.Cluster.Api(dice.Server()).Cluster);
        var wait = dice.Wait(0, 2);
        await DrainAsync(isDraining: true);
        await dice.WaitAsync(wait);
        await DrainAsync(isDraining: false);

        Task DrainAsync(bool isDraining) => site.Cluster.UntilAsync($"{server} can be told to drain or not", async () =>
        {
            await other.DrainAsync(server, isDraining, run.Cancel);
            return true;
        }, run.Cancel);
    }
}
