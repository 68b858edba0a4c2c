using System.Collections.Immutable;
using System.CommandLine;
using Spectre.Console;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio cluster slow</c>: actors that hold others up.</summary>
internal static class SlowVerb
{
    private const int MostRows = 16;

    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host) => CliSession.Action(
        new Command("slow", "Lists actors that hold others up: longest turns of the last minutes, longest mailboxes."),
        host,
        async session =>
        {
            var found = SlowActors.Of(await session.Api.Cluster.LookAsync(session.Cancel), MostRows);
            session.Out.Result(found, shown => new Rows(
                Turns(shown.Slow), new Text(""), Mailboxes(shown.Mailboxes)));
            return ExitCode.Done;
        });

    /// <summary>The longest turns.</summary>
    public static Table Turns(IEnumerable<SlowTurn> turns) => Tables.Of(
        turns,
        ("SLOW ACTOR", one => one.Actor), ("TURN", one => $"{one.Ms:0.0} ms"), ("MESSAGE", one => one.Message),
        ("AT", one => $"{one.At:yyyy-MM-dd HH:mm:ss}Z"), ("SERVER", one => one.Server));

    /// <summary>The longest mailboxes.</summary>
    public static Table Mailboxes(IEnumerable<LongMailbox> mailboxes) => Tables.Of(
        mailboxes,
        ("FULL MAILBOX", one => one.Actor), ("WAITING", one => $"{one.Waiting}"), ("SERVER", one => one.Server));
}

/// <summary>A long turn, and where it was.</summary>
internal sealed record SlowTurn(string Actor, double Ms, string Message, DateTimeOffset At, string Server);

/// <summary>A long mailbox, and where it is.</summary>
internal sealed record LongMailbox(string Actor, int Waiting, string Server);

/// <summary>Actors that hold others up, over all servers, the worst first.</summary>
internal sealed record SlowActors(ImmutableArray<SlowTurn> Slow, ImmutableArray<LongMailbox> Mailboxes)
{
    /// <summary>Gathers what the servers say, at most <paramref name="most"/> of each sort.</summary>
    public static SlowActors Of(ClusterStatus look, int most)
    {
        var asked = look.Servers.Where(server => server.Stats is not null).ToList();
        var slow = asked.SelectMany(server => server.Stats!.Slow.Select(one =>
            new SlowTurn(one.Actor, one.Ms, one.Message, one.At, server.Name)));
        var mailboxes = asked.SelectMany(server => server.Stats!.Mailboxes.Select(one =>
            new LongMailbox(one.Actor, one.Depth, server.Name)));
        return new SlowActors(
            [.. slow.OrderByDescending(one => one.Ms).Take(most)],
            [.. mailboxes.OrderByDescending(one => one.Waiting).Take(most)]);
    }
}
