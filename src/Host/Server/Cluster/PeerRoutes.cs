using System.Text.Json;
using VioActors.Contracts.Api;
using VioActors.Daemon.Api;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Cluster;

/// <summary>
/// What the site's other servers call, by mutual TLS. Nothing is passed on again: a server that does not own the shard
/// says so.
/// </summary>
internal static class PeerRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        var peer = app.MapGroup("/fabric/peer").ExcludeFromDescription().WithMetadata(Access.Servers);
        peer.MapPost("/ask", AskAsync);
        peer.MapPost("/read", ReadAsync);
        peer.MapPost("/stats", (ClusterLooks looks) => looks.Own);
        peer.MapPost("/drain", (DrainBody body, ActorSystem system) => system.Drain(body.IsDraining));
        peer.MapPost("/wake", (PeerWake wake, ActorSystem system) => system.Wake(wake.Shards));
    }

    private static async Task<PeerAnswer> AskAsync(
        PeerQuestion question, ActorSystem system, MessageCodec codec, CancellationToken cancel)
    {
        try
        {
            var result = await system.AskForPeerAsync(
                new PeerAsk(
                    ActorKey.Parse(question.Actor), new Body(question.Name, question.Json), question.Principal,
                    question.IdempotencyKey), cancel);
            return new PeerAnswer
            {
                Reply = result.Reply is { } reply ? Write(codec.Encode(reply)) : null,
                Refusal = result.Refusal,
                Busy = result.Busy,
                IsElsewhere = result.IsElsewhere,
            };
        }
        catch (OutcomeUnknownException unknown)
        {
            return new PeerAnswer { Unknown = unknown.Message };
        }
        catch (Exception bad) when (IsUnread(bad))
        {
            throw Unread(bad);
        }
    }

    private static async Task<PeerState> ReadAsync(PeerActor asked, ActorSystem system, CancellationToken cancel)
    {
        try
        {
            return new PeerState(await system.ReadForPeerAsync(ActorKey.Parse(asked.Actor), cancel), null);
        }
        catch (NotServingException elsewhere)
        {
            return new PeerState(null, elsewhere.Message);
        }
        catch (Exception bad) when (IsUnread(bad))
        {
            throw Unread(bad);
        }
    }

    private static bool IsUnread(Exception error) =>
        error is FormatException or JsonException or UnknownNameException or ArgumentException;

    private static ProblemException Unread(Exception bad) => ProblemException.BadInput(
        $"What another server sent cannot be read: {bad.Message}", "Run the same version on all servers.");

    private static PeerReply Write(Body body) => new(body.Name, body.Json);
}
