using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>The journal as server-sent events: resumable by position, filtered by what the caller may see.</summary>
internal static class EventRoutes
{
    private const int MostStreams = 64;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly SemaphoreSlim Streams = new(MostStreams, MostStreams);

    /// <summary>Adds the route.</summary>
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/events", StreamAsync).WithMetadata(Access.Readers).WithSummary("Events after a position, then live")
            .Produces<EventView>(StatusCodes.Status200OK, "text/event-stream").DisableRequestTimeout();

    private static async Task StreamAsync(HttpContext context, SiteActors actors, TimeProvider clock, long after = 0)
    {
        if (long.TryParse(context.Request.Headers["Last-Event-ID"], out var last))
            after = last;
        if (after < 0)
            throw ProblemException.BadInput($"after {after} must be 0 or a position.", "Use the id of the last event seen.");
        if (!Streams.Wait(0, CancellationToken.None))
            throw ProblemException.Of(new Runtime.Busy(TimeSpan.FromSeconds(5), $"{MostStreams} streams of events are open."));
        try
        {
            await WriteAsync(context, actors, clock, after);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The reader left.
        }
        finally
        {
            Streams.Release();
        }
    }

    private static async Task WriteAsync(HttpContext context, SiteActors actors, TimeProvider clock, long after)
    {
        var cancel = context.RequestAborted;
        var filter = new EventFilter(actors, context.Caller());
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.StartAsync(cancel);
        await using var journal = actors.Journal(after, cancel).GetAsyncEnumerator(cancel);
        var next = journal.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                if (!next.IsCompleted)
                {
                    await context.Response.Body.FlushAsync(cancel);
                    await Task.WhenAny(next, Task.Delay(Heartbeat, clock, cancel));
                }
                cancel.ThrowIfCancellationRequested();
                if (!next.IsCompleted)
                {
                    // A comment: keeps proxies awake, and shows this side when the reader has gone.
                    await context.Response.WriteAsync(":\n\n", cancel);
                    continue;
                }
                if (!await next)
                    return;
                if (await filter.ShowAsync(journal.Current, cancel) is { } view)
                    await context.Response.WriteAsync(Frame(view), cancel);
                next = journal.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await EndAsync(next);
        }
    }

    private static string Frame(EventView view) =>
        $"id: {view.Position}\nevent: {view.Name}\ndata: {JsonSerializer.Serialize(view, Wire.Json)}\n\n";

    /// <summary>An enumerator may be disposed only when no step of it is under way.</summary>
    private static async Task EndAsync(Task<bool> step)
    {
        try
        {
            await step;
        }
        catch (OperationCanceledException)
        {
            // It ended with the request.
        }
    }
}
