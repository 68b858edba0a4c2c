using Microsoft.AspNetCore.Connections.Features;
using VioActors.Contracts;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Api;

/// <summary>What the pipeline knows of a request: the listener, the other process, the caller, the idempotency key.</summary>
internal static class RequestFacts
{
    private const int LongestKey = 64;
    private static readonly object DoorItem = new();
    private static readonly object PeerItem = new();
    private static readonly object CallerItem = new();

    /// <summary>Marks a connection; called once, by its listener.</summary>
    public static void Mark(IDictionary<object, object?> connection, Door door, PeerCredentials? peer) =>
        (connection[DoorItem], connection[PeerItem]) = (door, peer);

    /// <summary>The listener that the request came by.</summary>
    /// <exception cref="InvalidOperationException">A listener forgot to mark its connections.</exception>
    public static Door Door(this HttpContext context) => Item(context, DoorItem) is Door door
        ? door
        : throw new InvalidOperationException("A connection came by an unmarked listener.");

    /// <summary>The process at the other end of a unix socket; null on TLS.</summary>
    public static PeerCredentials? PeerCredentials(this HttpContext context) => Item(context, PeerItem) as PeerCredentials;

    /// <summary>Who asks, after the guard.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is public.</exception>
    public static Principal Caller(this HttpContext context) =>
        context.Items[CallerItem] as Principal ?? throw new InvalidOperationException("A public endpoint has no caller.");

    /// <summary>Set by the guard.</summary>
    public static void SetCaller(this HttpContext context, Principal caller) => context.Items[CallerItem] = caller;

    /// <summary>The caller's <c>Idempotency-Key</c>, or null.</summary>
    /// <exception cref="ProblemException">It is longer than 64 printable characters.</exception>
    public static string? IdempotencyKey(this HttpContext context)
    {
        var header = context.Request.Headers["Idempotency-Key"];
        if (header.Count == 0)
            return null;
        return header is [{ Length: > 0 and <= LongestKey } key] && key.All(c => c is > ' ' and <= '~')
            ? key
            : throw ProblemException.BadInput(
                $"Idempotency-Key must be 1 to {LongestKey} printable characters without spaces.", "Use a fresh UUID per request.");
    }

    private static object? Item(HttpContext context, object name) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(name, out var item) == true ? item : null;
}
