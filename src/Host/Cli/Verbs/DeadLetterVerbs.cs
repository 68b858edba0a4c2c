using System.CommandLine;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio cluster deadletters</c>: messages that no turn could digest.</summary>
internal static class DeadLetterVerbs
{
    private static readonly Argument<string> Letter = new("letter") { Description = "Id of the dead letter." };

    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host)
    {
        var group = new Command("deadletters", "Messages that no turn could digest, kept with the reason.");
        group.Subcommands.Add(List(host));
        group.Subcommands.Add(One(
            host, "retry", "Delivers one again, after its cause was mended.",
            (session, letter) => session.Api.Cluster.RetryAsync(letter, session.Cancel), "was delivered again"));
        group.Subcommands.Add(One(
            host, "drop", "Forgets one.",
            (session, letter) => session.Api.Cluster.DropAsync(letter, session.Cancel), "is forgotten"));
        return group;
    }

    private static Command List(CliHost host)
    {
        var limit = new Option<int>("--limit") { Description = "How many, 1 to 1000.", DefaultValueFactory = _ => 20 };
        limit.InRange(1, 1000);
        return CliSession.Action(
            new Command("ls", "Lists dead letters, newest first.") { limit }, host, async session =>
            {
                var letters = await session.Api.Cluster.DeadLettersAsync(
                    session.Parse.GetValue(limit), session.Cancel);
                session.Out.Result(letters, all => Tables.Of(
                    all,
                    ("LETTER", one => one.Id), ("ACTOR", one => one.Actor), ("MESSAGE", one => one.Name),
                    ("FROM", one => one.Sender ?? one.By), ("AT", one => $"{one.At:yyyy-MM-dd HH:mm:ss}Z"),
                    ("WHY", one => one.Reason)));
                return ExitCode.Done;
            });
    }

    private static Command One(
        CliHost host, string name, string summary, Func<CliSession, string, Task> act, string done) =>
        CliSession.Action(new Command(name, summary) { Letter }, host, async session =>
        {
            var letter = session.Parse.GetRequiredValue(Letter);
            await act(session, letter);
            session.Out.Result(new { letter }, _ => $"{letter} {done}.");
            return ExitCode.Done;
        });
}
