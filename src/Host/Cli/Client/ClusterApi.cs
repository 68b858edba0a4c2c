using System.Collections.Immutable;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>The part of the API about servers, shards, actors and dead letters.</summary>
internal sealed class ClusterApi(ApiConnection connection)
{
    /// <summary>Servers and shards.</summary>
    public Task<ClusterStatus> LookAsync(CancellationToken cancel) =>
        connection.GetAsync<ClusterStatus>("cluster", cancel);

    /// <summary>An actor's committed state.</summary>
    public Task<ActorView> ActorAsync(string kind, string id, CancellationToken cancel) =>
        connection.GetAsync<ActorView>(
            $"cluster/actors/{ApiClient.Escape(kind)}/{Uri.EscapeDataString(id)}", cancel);

    /// <summary>Events after a position.</summary>
    public Task<ImmutableArray<EventView>> JournalAsync(long after, int limit, CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<EventView>>($"cluster/journal?after={after}&limit={limit}", cancel);

    /// <summary>Dead letters, newest first.</summary>
    public Task<ImmutableArray<DeadLetterView>> DeadLettersAsync(int limit, CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<DeadLetterView>>($"cluster/deadletters?limit={limit}", cancel);

    /// <summary>Delivers one again.</summary>
    public Task RetryAsync(string letter, CancellationToken cancel) => connection.ChangeAsync<Nothing>(
        HttpMethod.Post, $"cluster/deadletters/{ApiClient.Escape(letter)}/retry", null, cancel);

    /// <summary>Forgets one.</summary>
    public Task DropAsync(string letter, CancellationToken cancel) => connection.ChangeAsync<Nothing>(
        HttpMethod.Delete, $"cluster/deadletters/{ApiClient.Escape(letter)}", null, cancel);

    /// <summary>Gives a server's shards to the others, or lets it take some again.</summary>
    public Task DrainAsync(string server, bool isDraining, CancellationToken cancel) =>
        connection.ChangeAsync<Nothing>(
            HttpMethod.Post, $"cluster/servers/{ApiClient.Escape(server)}/drain", new DrainBody(isDraining), cancel);

    /// <summary>States that a server is dead.</summary>
    public Task DownAsync(string server, CancellationToken cancel) => connection.ChangeAsync<Nothing>(
        HttpMethod.Post, $"cluster/servers/{ApiClient.Escape(server)}/down", null, cancel);
}
