using VioActors.Bench.Servers;

namespace VioActors.Bench.Chaos;

/// <summary>What is done to real processes. Each fault is healed before it returns.</summary>
internal sealed class ChaosFaults(
    ServerCluster cluster, PostgresInstance postgres, string store, Random random, BenchRun run)
{
    /// <summary>How often each was done.</summary>
    public SortedDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>One fault, drawn.</summary>
    public async Task StrikeAsync()
    {
        (string Name, Func<Task> Do)[] all =
        [
            ("server killed", KillAsync), ("server frozen for a moment", () => FreezeAsync(0.2, 2)),
            ("server frozen for longer than its lease", () => FreezeAsync(8, 11)),
            ("both servers killed", KillAllAsync), ("sessions terminated", TerminateAsync),
            ("database stopped at once", RestartDatabaseAsync), ("server drained", DrainAsync),
        ];
        var (name, act) = all[random.Next(all.Length)];
        run.Note($"  {name}");
        Done[name] = Done.GetValueOrDefault(name) + 1;
        await act();
    }

    private int Any() => random.Next(cluster.Servers.Count);

    private Task Wait(double from, double to) => Task.Delay(
        TimeSpan.FromSeconds(from + (random.NextDouble() * (to - from))), run.Time, run.Cancel);

    private async Task KillAsync()
    {
        var server = Any();
        await cluster.Servers[server].EndAsync(run.Cancel);
        await Wait(0, 3);
        await cluster.StartServerAsync(server, run.Cancel);
    }

    private async Task KillAllAsync()
    {
        foreach (var server in cluster.Servers) await server.EndAsync(run.Cancel);
        await Wait(0, 1);
        for (var server = 0; server < cluster.Servers.Count; server++)
            await cluster.StartServerAsync(server, run.Cancel);
    }

    private async Task FreezeAsync(double from, double to)
    {
        var server = Any();
        await cluster.Servers[server].SignalAsync("STOP");
        await Wait(from, to);
        await cluster.Servers[server].SignalAsync("CONT");
    }

    private Task TerminateAsync() => PostgresInstance.RunAsync(
        store, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            + "WHERE application_name = 'vio server' AND pid <> pg_backend_pid()");

    private async Task RestartDatabaseAsync()
    {
        await postgres.StopAsync("immediate");
        await Wait(0, 3);
        await postgres.StartAsync();
    }

    private async Task DrainAsync()
    {
        var (server, other) = (Any(), Any());
        await cluster.Api(other).Cluster.DrainAsync(cluster.Servers[server].Name, isDraining: true, run.Cancel);
        await Wait(0, 2);
        await cluster.UntilAsync("the drained server may serve again", async () =>
        {
            await cluster.Api(other).Cluster.DrainAsync(cluster.Servers[server].Name, isDraining: false, run.Cancel);
            return true;
        }, run.Cancel);
    }
}
