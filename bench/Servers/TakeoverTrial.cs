using VioActors.Contracts;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Servers;

/// <summary>One kill, freeze or hand-over at a time, on two servers of which one owns all shards.</summary>
internal sealed class TakeoverTrial(ServerCluster cluster, NodeWork work, BenchRun run)
{
    private const int Writers = 8;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private int _writes;
    private int _errors;
    private int _requests;

    /// <summary>Requests that failed during hand-overs.</summary>
    public int Errors => _errors;

    /// <summary>Requests made during hand-overs.</summary>
    public int Requests => _requests;

    /// <summary>SIGKILL of the owner; seconds until the other serves every shard and takes a durable request.</summary>
    public async Task<double> KillAsync()
    {
        var (owner, other) = await RolesAsync();
        var start = run.Time.GetTimestamp();
        await cluster.Servers[owner].EndAsync(run.Cancel);
        await OwnsAllAsync(other);
        var took = run.Time.GetElapsedTime(start).TotalSeconds;
        await cluster.StartServerAsync(owner, run.Cancel);
        return took;
    }

    /// <summary>
    /// SIGSTOP of the owner while hosts work for it; it wakes up after the other has taken over and gone on with them.
    /// </summary>
    public async Task<double> FreezeAsync()
    {
        var (owner, other) = await RolesAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(run.Cancel);
        var working = work.RunAsync(other, over.Token);
        await Task.Delay(Settled, run.Time, run.Cancel);
        var start = run.Time.GetTimestamp();
        await cluster.Servers[owner].SignalAsync("STOP");
        await OwnsAllAsync(other);
        var took = run.Time.GetElapsedTime(start).TotalSeconds;
        await Task.Delay(Settled, run.Time, run.Cancel);
        await cluster.Servers[owner].SignalAsync("CONT");
        await cluster.UntilAsync("the frozen server stands by", async () =>
            (await cluster.Api(owner).HealthAsync(run.Cancel)).Serving
            && (await cluster.Api(owner).Cluster.LookAsync(run.Cancel)).Servers
                .Any(server => server is { IsSelf: true, Status: "standby" }), run.Cancel);
        await over.CancelAsync();
        await working;
        return took;
    }

    /// <summary>Drains the owner, while clients write without a pause through both.</summary>
    public async Task<double> HandOverAsync()
    {
        var (owner, other) = await RolesAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(run.Cancel);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(writer % 2, over.Token)));
        var start = run.Time.GetTimestamp();
        await cluster.Api(other).Cluster.DrainAsync(cluster.Servers[owner].Name, isDraining: true, run.Cancel);
        await OwnsAllAsync(other);
        var took = run.Time.GetElapsedTime(start).TotalSeconds;
        await over.CancelAsync();
        await writing;
        await cluster.Api(other).Cluster.DrainAsync(cluster.Servers[owner].Name, isDraining: false, run.Cancel);
        return took;
    }

    private async Task WriteAsync(int server, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                Interlocked.Increment(ref _requests);
                await PutAsync(server, over);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (CliException failed)
            {
                run.Note($"a request failed: {failed.Message}");
                Interlocked.Increment(ref _errors);
            }
        }
    }

    private async Task<(int Owner, int Other)> RolesAsync()
    {
        var owner = -1;
        await cluster.UntilAsync("one server owns all and the other stands by", async () =>
        {
            var look = await cluster.Api(0).Cluster.LookAsync(run.Cancel);
            owner = cluster.Servers.ToList().FindIndex(server =>
                server.Name == look.Shards[0].Server && look.Shards.All(shard => shard.Server == server.Name));
            return owner >= 0 && look.Servers.Count(server => server.Status is "serving" or "standby") == 2;
        }, run.Cancel);
        return (owner, 1 - owner);
    }

    private async Task OwnsAllAsync(int server)
    {
        await cluster.UntilAsync($"{cluster.Servers[server].Name} serves every shard", async () =>
            (await cluster.Api(server).Cluster.LookAsync(run.Cancel)).Shards.All(shard =>
                shard is { Loaded: true } && shard.Server == cluster.Servers[server].Name), run.Cancel);
        await PutAsync(server, run.Cancel);
    }

    // A durable turn of the site's actor.
    private Task PutAsync(int server, CancellationToken cancel) =>
        cluster.Api(server).Users.PutAsync($"user{Interlocked.Increment(ref _writes) % 100}", Role.Viewer, cancel);
}
