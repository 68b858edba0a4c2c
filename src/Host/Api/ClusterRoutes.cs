using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server.Cluster;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Api;

/// <summary>For operators: the servers, their shards and actors, the journal, dead letters.</summary>
internal static class ClusterRoutes
{
    private const int MostLetters = 1000;
    private const int MostEvents = 1000;

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var cluster = api.MapGroup("/cluster");
        cluster.MapGet("", LookAsync).WithMetadata(Access.SiteReaders).WithSummary("Servers and shards")
            .Produces<ClusterStatus>();
        cluster.MapGet("/actors/{kind}/{id}", ActorAsync).WithMetadata(Access.Administrators)
            .WithSummary("An actor's committed state").Produces<ActorView>();
        cluster.MapGet("/journal", JournalAsync).WithMetadata(Access.Administrators)
            .WithSummary("Events after a position").Produces<ImmutableArray<EventView>>();
        cluster.MapGet("/deadletters", LettersAsync).WithMetadata(Access.Administrators)
            .WithSummary("Messages that no turn could digest, newest first").Produces<ImmutableArray<DeadLetterView>>();
        cluster.MapPost("/deadletters/{letter}/retry", RetryAsync).WithMetadata(Access.Administrators)
            .WithSummary("Deliver a dead letter again");
        cluster.MapDelete("/deadletters/{letter}", DropAsync).WithMetadata(Access.Administrators)
            .WithSummary("Forget a dead letter");
        cluster.MapPost("/servers/{server}/drain", DrainAsync).WithMetadata(Access.Administrators)
            .WithSummary("Give a server's shards to the others, or let it take some again");
        cluster.MapPost("/servers/{server}/down", DownAsync).WithMetadata(Access.Administrators)
            .WithSummary("State that a server is dead, so that the others need not wait for its lease");
    }

    private static async Task<IResult> LookAsync(ClusterLooks looks, CancellationToken cancel) =>
        TypedResults.Ok(await looks.LookAsync(cancel));

    private static async Task<IResult> ActorAsync(
        string kind, string id, ActorSystem system, ClusterLooks looks, CancellationToken cancel)
    {
        var actor = new ActorKey(kind, id);
        if (!system.Knows(actor))
            throw ProblemException.NotFound(
                $"There is no kind of actor called '{kind}'.", $"The kinds are: {string.Join(", ", system.Kinds)}.");
        var json = await system.ReadJsonAsync(actor, cancel);
        var (shard, name) = (system.ShardOf(actor), actor.ToString());
        var stats = await looks.StatsOfOwnerAsync(actor, cancel);
        return TypedResults.Ok(new ActorView(
            name, shard, system.Cluster.OwnerOf(shard)?.Name, json is null ? null : JsonElement.Parse(json),
            stats?.Mailboxes.FirstOrDefault(one => one.Actor == name)?.Depth,
            stats?.Slow.FirstOrDefault(one => one.Actor == name)));
    }

    private static async Task<IResult> JournalAsync(SqlStore store, long after = 0, int limit = 100) =>
        limit is < 1 or > MostEvents || after < 0
            ? throw ProblemException.BadInput(
                $"after={after} and limit={limit} are not 0 or more and 1 to {MostEvents}.", "Correct them.")
            : TypedResults.Ok((await store.ReadJournalAsync(after, limit)).Select(row => new EventView(
                row.Position, row.Event.Actor.ToString(), row.Event.Body.Name, row.Event.At, row.Event.Principal,
                EventFilter.Data(row.Event.Body.Json))));

    private static async Task<IResult> LettersAsync(SqlStore store, int limit = 100) =>
        limit is < 1 or > MostLetters
            ? throw ProblemException.BadInput($"limit={limit} is not 1 to {MostLetters}.", "Correct it.")
            : TypedResults.Ok((await store.ReadDeadLettersAsync(limit)).Select(letter => new DeadLetterView(
                letter.Id, letter.Actor.ToString(), letter.Sender?.ToString(), letter.Body.Name, letter.Principal,
                letter.Reason, letter.At)));

    private static async Task<IResult> RetryAsync(string letter, SqlStore store, ActorSystem system) =>
        (await store.ReadDeadLettersAsync(MostLetters)).FirstOrDefault(one => one.Id == letter) is { } found
            && await system.RetryDeadLetterAsync(found)
            ? TypedResults.NoContent()
            : throw Missing(letter);

    private static async Task<IResult> DropAsync(string letter, SqlStore store) =>
        await store.DropDeadLetterAsync(letter) ? TypedResults.NoContent() : throw Missing(letter);

    private static async Task<IResult> DrainAsync(
        string server, DrainBody body, ClusterLooks looks, CancellationToken cancel)
    {
        var seen = Named(server, looks);
        if (!seen.IsAlive)
            throw new ProblemException(StatusCodes.Status409Conflict, new Problem(
                "server-dead", $"Server '{server}' is dead.", "Its shards are with the others already."));
        await looks.DrainAsync(seen, body, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> DownAsync(string server, ClusterLooks looks, SqlStore store)
    {
        var seen = Named(server, looks);
        if (looks.IsSelf(seen))
            throw new ProblemException(StatusCodes.Status409Conflict, new Problem(
                "server-answers", $"Server '{server}' is the one that answers here.",
                "Ask another server, or stop this one."));
        await store.DisownAsync(seen.Server.Incarnation);
        return TypedResults.NoContent();
    }

    private static ServerSeen Named(string server, ClusterLooks looks) => looks.Find(server)
        ?? throw ProblemException.NotFound($"There is no server '{server}'.", "See them with 'vio cluster nodes'.");

    private static ProblemException Missing(string letter) => ProblemException.NotFound(
        $"There is no dead letter '{letter}' among the newest {MostLetters}.", "See 'vio cluster deadletters ls'.");
}
