using System.Collections.Immutable;
using System.CommandLine;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio cluster journal</c>: every event of every actor, with its data.</summary>
internal static class JournalVerb
{
    private const int Page = 1000;

    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host)
    {
        var after = new Option<long>("--after")
        {
            Description = "Position after which to begin; without it, the last events.",
            DefaultValueFactory = _ => -1,
        };
        var limit = new Option<int>("--limit")
        {
            Description = "How many events to show, 1 to 100000.",
            DefaultValueFactory = _ => 50,
        };
        limit.InRange(1, 100_000);
        var actor = new Option<string?>("--actor") { Description = "Only this actor's, kind/id.", HelpName = "actor" };
        return CliSession.Action(
            new Command("journal", "Shows events in the order of their commits.") { after, limit, actor }, host,
            async session =>
            {
                var events = await ReadAsync(
                    session, session.Parse.GetValue(after), session.Parse.GetValue(limit),
                    session.Parse.GetValue(actor));
                session.Out.Result(events, all => Tables.Of(
                    all,
                    ("POSITION", one => $"{one.Position}"), ("AT", one => $"{one.At:yyyy-MM-dd HH:mm:ss.fff}Z"),
                    ("ACTOR", one => one.Actor), ("EVENT", one => one.Name), ("BY", one => one.By),
                    ("DATA", one => one.Data.GetRawText())));
                return ExitCode.Done;
            });
    }

    private static async Task<ImmutableArray<EventView>> ReadAsync(
        CliSession session, long after, int limit, string? actor)
    {
        var wanted = ImmutableArray.CreateBuilder<EventView>();
        if (after < 0)
        {
            // Of one actor the last events may lie anywhere; of all actors they are at the end.
            var end = (await session.Api.Cluster.LookAsync(session.Cancel)).Position;
            after = actor is null ? Math.Max(0, end - limit) : 0;
        }

        while (wanted.Count < limit)
        {
            var page = await session.Api.Cluster.JournalAsync(after, Page, session.Cancel);
            if (page.IsEmpty) break;
            wanted.AddRange(page.Where(one => actor is null || one.Actor == actor).Take(limit - wanted.Count));
            after = page[^1].Position;
        }

        return wanted.ToImmutable();
    }
}
