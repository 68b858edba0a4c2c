using System.Collections.Immutable;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server.Agents;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Server.Cluster;

/// <summary>Puts together what the store shows of the servers and what each says of itself.</summary>
internal sealed class ClusterLooks(
    ActorSystem system, SqlStore store, AgentConnections agents, ServerOptions options, TimeProvider clock,
    PeerClient? peers = null)
{
    private const int MostLetters = 1000;
    private readonly DateTimeOffset _start = clock.GetUtcNow();

    /// <summary>What this server is doing.</summary>
    public ServerStats Own
    {
        get
        {
            var stats = system.Stats;
            return new ServerStats
            {
                Reason = stats.Reason,
                Loaded = system.LoadedShards,
                Turns = stats.Turns,
                Commits = stats.Commits,
                MailboxDepth = stats.MailboxDepth,
                LoadedActors = stats.LoadedActors,
                EffectsRunning = stats.EffectsRunning,
                Quarantined = stats.Quarantined,
                Agents = agents.All.Count(),
                Slow = [.. system.Hot.Slow.Select(one => new SlowActorView(
                    one.Actor.ToString(), one.Message, Math.Round(one.Longest.TotalMilliseconds, 4), one.At))],
                Mailboxes = [.. system.Hot.Mailboxes.Select(one =>
                    new MailboxView(one.Actor.ToString(), one.Depth))],
            };
        }
    }

    /// <summary>The whole; servers that do not answer within a second are shown without their stats.</summary>
    public async Task<ClusterStatus> LookAsync(CancellationToken cancel)
    {
        var view = system.Cluster;
        var servers = await Task.WhenAll(Known(view).Select(seen => ServerAsync(seen, view, cancel)));
        var point = await store.PointAsync();
        return new ClusterStatus
        {
            Generation = point.Generation,
            Position = point.Position,
            Servers = [.. servers],
            Shards = [.. view.Shards.Select(shard => ShardOf(shard.Shard, view, servers))],
            DeadLetters = (await store.ReadDeadLettersAsync(MostLetters)).Count,
        };
    }

    /// <summary>What the owner of an actor's shard is doing; null when it has none that answers.</summary>
    public async Task<ServerStats?> StatsOfOwnerAsync(ActorKey actor, CancellationToken cancel)
    {
        var (view, shard) = (system.Cluster, system.ShardOf(actor));
        return view.OwnerOf(shard) is { } owner
            ? await StatsAsync(view.Servers.First(seen => seen.Server.Incarnation == owner.Incarnation), cancel)
            : null;
    }

    /// <summary>The server of that name that lives, else the last that did; null for none.</summary>
    public ServerSeen? Find(string name) => Known(system.Cluster)
        .Where(seen => NameOf(seen.Server) == name || seen.Server.Incarnation == name)
        .OrderBy(seen => seen.IsAlive).ThenBy(seen => seen.Since).LastOrDefault();

    /// <summary>Whether it is the one that answers.</summary>
    public bool IsSelf(ServerSeen seen) => seen.Server.Incarnation == system.Incarnation;

    /// <summary>Tells a server to give its shards away, or that it may take some again.</summary>
    public Task DrainAsync(ServerSeen seen, DrainBody body, CancellationToken cancel)
    {
        if (!IsSelf(seen))
            return peers!.DrainAsync(seen.Server, body, cancel);
        system.Drain(body.IsDraining);
        return Task.CompletedTask;
    }

    /// <summary>A server alone says nothing of itself to others.</summary>
    private string NameOf(ServerRow server) => server.Name.Length > 0 ? server.Name : options.ServerName;

    private IEnumerable<ServerSeen> Known(ClusterView view) => view.Servers.Length > 0
        ? view.Servers
        : [new ServerSeen(new ServerRow(system.Incarnation, options.ServerName, "", false), _start, true)];

    private async Task<ServerStats?> StatsAsync(ServerSeen seen, CancellationToken cancel) => IsSelf(seen) ? Own
        : seen.IsAlive && peers is not null ? await peers.StatsAsync(seen.Server, cancel) : null;

    private async Task<ServerView> ServerAsync(ServerSeen seen, ClusterView view, CancellationToken cancel)
    {
        var stats = await StatsAsync(seen, cancel);
        var shards = view.Shards.Count(shard => view.OwnerOf(shard.Shard)?.Incarnation == seen.Server.Incarnation);
        return new ServerView
        {
            Name = NameOf(seen.Server),
            Incarnation = seen.Server.Incarnation,
            Address = seen.Server.Address,
            Status = !seen.IsAlive ? "dead" : stats is null ? "unreachable" : stats.Reason.Length > 0 ? "troubled"
                : seen.Server.IsDraining ? "draining" : shards > 0 ? "serving" : "standby",
            Since = seen.Since,
            IsSelf = IsSelf(seen),
            Shards = shards,
            Stats = stats,
        };
    }

    private ShardView ShardOf(int shard, ClusterView view, ServerView[] servers)
    {
        var owner = view.OwnerOf(shard) is { } row
            ? servers.FirstOrDefault(server => server.Incarnation == row.Incarnation) : null;
        return new ShardView(shard, owner?.Name, owner?.Stats?.Loaded.Contains(shard), view.RateOf(shard));
    }
}
