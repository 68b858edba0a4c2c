namespace VioActors.Runtime;

/// <summary>
/// How one server's system reaches the others'. Calls may fail, be late, or happen twice; none needs an order.
/// Thread-safe.
/// </summary>
public interface IPeers
{
    /// <summary>Asks an actor at its owner, which must not pass the request on again.</summary>
    /// <exception cref="PeerUnreachableException">Nothing happened: it was not sent.</exception>
    /// <exception cref="OutcomeUnknownException">It was sent and no answer came.</exception>
    Task<AskResult> AskAsync(ServerRow server, PeerAsk ask, CancellationToken cancel);

    /// <summary>Reads an actor's committed state as JSON at its owner; null when it has no history.</summary>
    /// <exception cref="NotServingException">It cannot be read there now.</exception>
    Task<string?> ReadAsync(ServerRow server, ActorKey actor, CancellationToken cancel);

    /// <summary>
    /// Tells that messages lie in the inboxes of these shards, or that the shards changed hands. A loss only delays.
    /// </summary>
    Task WakeAsync(ServerRow server, IReadOnlyList<int> shards);
}

/// <summary>A server among several.</summary>
/// <param name="Name">What it is called, for people.</param>
/// <param name="Address">Where the others reach it; asked for in every round, empty while it does not listen.</param>
/// <param name="Peers">How it reaches them.</param>
public sealed record ServerPlace(string Name, Func<string> Address, IPeers Peers);

/// <summary>A request that one server passes to another.</summary>
/// <param name="To">The actor.</param>
/// <param name="Message">What is asked.</param>
/// <param name="Principal">Who asked the first server.</param>
/// <param name="IdempotencyKey">The caller's key, if any.</param>
public sealed record PeerAsk(ActorKey To, Body Message, string Principal, string? IdempotencyKey);

/// <summary>Another server did not take the request; nothing happened.</summary>
public sealed class PeerUnreachableException(string server, string reason)
    : Exception($"Server {server} cannot be reached: {reason}.")
{
    /// <summary>The server's name.</summary>
    public string Server { get; } = server;
}
