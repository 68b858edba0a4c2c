using VioActors.Bench.Servers;

namespace VioActors.Bench.Chaos;

/// <summary>
/// All that is real in a run: a PostgreSQL and its synchronous standby, two servers with a relay each before it, two
/// hosts.
/// </summary>
internal sealed class ChaosSite : IAsyncDisposable
{
    private const int ServerCount = 2;
    private const int HostCount = 2;

    private ChaosSite(PostgresPair postgres, IReadOnlyList<Relay> relays, ServerCluster cluster) =>
        (Postgres, Relays, Cluster) = (postgres, relays, cluster);

    /// <summary>The databases.</summary>
    public PostgresPair Postgres { get; }

    /// <summary>How each server reaches the database.</summary>
    public IReadOnlyList<Relay> Relays { get; }

    /// <summary>Servers, agents and machines.</summary>
    public ServerCluster Cluster { get; }

    /// <summary>Starts all of it.</summary>
    public static async Task<ChaosSite> StartAsync(TimeProvider time, CancellationToken cancel)
    {
        var postgres = await PostgresPair.StartAsync(time);
        Relay[] relays = [.. Enumerable.Range(0, ServerCount).Select(_ => new Relay(postgres.Primary.Socket, time))];
        try
        {
            var cluster = await ServerCluster.StartAsync(
                relays.Select(PostgresPair.StoreAt), HostCount, time, cancel);
            return new ChaosSite(postgres, relays, cluster);
        }
        catch
        {
            foreach (var relay in relays) await relay.DisposeAsync();
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts all servers and waits until they serve or stand by.</summary>
    public async Task StartServersAsync(CancellationToken cancel)
    {
        for (var server = 0; server < Cluster.Servers.Count; server++) await Cluster.StartServerAsync(server, cancel);
    }

    /// <summary>Waits until every server serves or stands by, and every host is connected.</summary>
    /// <exception cref="BenchException">It does not come to that by itself.</exception>
    public async Task WellAsync(CancellationToken cancel)
    {
        for (var server = 0; server < Cluster.Servers.Count; server++)
        {
            var api = Cluster.Api(server);
            await Cluster.UntilAsync($"{Cluster.Servers[server].Name} serves", async () =>
                (await api.HealthAsync(cancel)).Serving, cancel);
            await ConnectedAsync(server, cancel);
        }
    }

    /// <summary>Waits until a server sees every host connected.</summary>
    public Task ConnectedAsync(int server, CancellationToken cancel) => Cluster.UntilAsync(
        "all hosts are connected", async () => (await Cluster.Api(server).HostsAsync(cancel))
            .Count(host => host.Status == "connected") == HostCount, cancel);

    /// <summary>Keeps what shows how it came to be as it is; the directory.</summary>
    public async Task<string> KeepAsync()
    {
        var directory = Cluster.KeepFiles();
        await Postgres.DumpAsync(Path.Combine(directory, "store.sql"));
        return directory;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        foreach (var relay in Relays) await relay.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
