using System.Collections.Concurrent;

namespace VioActors.Runtime.Tests;

/// <summary>Servers of one process that reach each other by calls; a link can be cut, and hints can be lost.</summary>
public sealed class Peers : IPeers
{
    private readonly ConcurrentDictionary<string, ActorSystem> _servers = new(StringComparer.Ordinal);

    public bool LoseHints { get; set; }

    public int Forwarded;

    public void Add(string name, ActorSystem system) => _servers[name] = system;

    public void Cut(string name) => _servers.TryRemove(name, out _);

    public Task<AskResult> AskAsync(ServerRow server, PeerAsk ask, CancellationToken cancel)
    {
        Interlocked.Increment(ref Forwarded);
        return Of(server).AskForPeerAsync(ask, cancel);
    }

    public Task<string?> ReadAsync(ServerRow server, ActorKey actor, CancellationToken cancel) =>
        Of(server).ReadForPeerAsync(actor, cancel);

    public Task WakeAsync(ServerRow server, IReadOnlyList<int> shards)
    {
        if (!LoseHints)
            Of(server).Wake(shards);
        return Task.CompletedTask;
    }

    private ActorSystem Of(ServerRow server) => _servers.TryGetValue(server.Name, out var system)
        ? system
        : throw new PeerUnreachableException(server.Name, "the link is cut");
}
