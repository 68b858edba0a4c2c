using VioActors.Contracts.Api;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Restore;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Api;

/// <summary>For administrators: the store as a thing that is copied, put back and looked over.</summary>
internal static class StoreRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var store = api.MapGroup("/store");
        store.MapGet("", LookAsync).WithMetadata(Access.SiteReaders).WithSummary("How far the store is")
            .Produces<StoreView>();
        store.MapGet("/backup", BackupAsync).WithMetadata(Access.Administrators)
            .WithSummary("A copy of the store: a SQLite file, or SQL").DisableRequestTimeout();
        store.MapGet("/check", CheckAsync).WithMetadata(Access.Administrators)
            .WithSummary("Look the store over").Produces<StoreReport>().DisableRequestTimeout();
        store.MapPost("/adopt", AdoptAsync)
            .WithMetadata(Access.Administrators, AllowedBehind.Mark, ForgetsAnswers.Mark)
            .WithSummary("Let the store count, although somebody has seen more than it knows")
            .Produces<AdoptedView>();
    }

    private static async Task<IResult> LookAsync(SqlStore store, StoreGuard guard, ServerOptions options)
    {
        await guard.LookAsync();
        var (point, behind) = (await store.PointAsync(), guard.Behind);
        return TypedResults.Ok(new StoreView
        {
            Kind = options.StoreAddress.Postgres is null ? "sqlite" : "postgresql",
            Generation = point.Generation,
            Position = point.Position,
            Adopted = point.Adopted,
            Behind = behind?.Why,
            Witness = behind?.Witness,
            SeenGeneration = behind?.Seen.Generation,
            SeenPosition = behind?.Seen.Position,
        });
    }

    private static Task BackupAsync(HttpContext context, StoreCopies copies) => copies.WriteAsync(
        length =>
        {
            context.Response.ContentType = "application/octet-stream";
            context.Response.ContentLength = length;
        },
        context.Response.Body, context.RequestAborted);

    private static async Task<IResult> CheckAsync(
        SqlStore store, StoreCopies copies, MessageCodec codec, CancellationToken cancel)
    {
        var check = new StoreCheck(store, codec.Knows);
        var findings = new List<StoreFinding>(await check.RunAsync(cancel));
        if (await copies.DamageAsync(cancel) is { } damage)
            findings.Add(new StoreFinding("integrity", "the file", damage));
        return TypedResults.Ok(new StoreReport(
            check.Events, check.Actors, check.Waiting,
            [.. findings.Select(one => new StoreFindingView(one.Check, one.Subject, one.What))]));
    }

    private static async Task<IResult> AdoptAsync(
        HttpContext context, SqlStore store, StoreGuard guard, SiteActors actors, ServerOptions options,
        ILogger<StoreGuard> log)
    {
        var (by, cancel, position) = (context.Caller(), context.RequestAborted, (await store.PointAsync()).Position);
        var generation = await guard.AdoptAsync();
        log.StoreAdopted(by.ToString(), generation, position);
        await actors.ServingAsync(cancel);
        // An empty copy has no site and no administrator yet.
        await FirstStart.EnsureAsync(actors, options, cancel);
        await actors.TellAsync(actors.SiteKey, new RecordAdoption(generation, position), by, cancel: cancel);
        return TypedResults.Ok(new AdoptedView(generation, position));
    }
}
