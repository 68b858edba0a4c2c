using System.Collections.Immutable;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Server.Agents;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Cluster;

/// <summary>
/// Where agents find the site's servers. Those that have died are named for a while: they come back at the same
/// address, and only agents connect. Tells connected agents when the list changes.
/// </summary>
internal sealed class ServerList(
    ActorSystem system, AgentConnections agents, Listeners listeners, TimeProvider clock) : BackgroundService
{
    /// <summary>Most servers of a site.</summary>
    public const int Most = 8;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Fabric addresses, this server's among them; in the order in which they came, living ones first when
    /// there are too many.</summary>
    public ImmutableArray<string> Addresses
    {
        get
        {
            var own = listeners.FabricAddress;
            var seen = system.Cluster.Servers.Where(server => server.Server.Address.Length > 0).ToList();
            var all = seen.Select(server => server.Server.Address).Append(own).Distinct().ToList();
            if (all.Count <= Most)
                return [.. all];
            var alive = seen.Where(server => server.IsAlive).Select(server => server.Server.Address).Append(own);
            return [.. alive.Concat(all).Distinct().Take(Most)];
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var told = Addresses;
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = Addresses;
            if (now.SequenceEqual(told))
                continue;
            told = now;
            await Task.WhenAll(agents.All.Select(agent => agent.TellAsync(new ServersNotice { Servers = now })));
        }
    }
}
