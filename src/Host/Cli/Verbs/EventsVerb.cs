using System.CommandLine;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio events</c>: the journal as it grows.</summary>
internal static class EventsVerb
{
    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host)
    {
        var after = new Option<long>("--after")
        {
            Description = "Journal position to start behind.",
            DefaultValueFactory = _ => 0,
        };
        var command = new Command("events", "Follows the journal until Ctrl-C; one JSON document per line with --json.")
        {
            after, CommonOptions.Json, CommonOptions.Server,
        };
        return CliSession.Action(command, host, async session =>
        {
            try
            {
                var events = session.Api.Events().ReadAsync(
                    session.Parse.GetValue(after), session.Host.Time, session.Cancel);
                await foreach (var one in events) session.Out.Result(one, Describe);
                session.Out.Note("The server closes the stream every time; go on with --after.");
                return ExitCode.Failed;
            }
            catch (OperationCanceledException) when (session.Cancel.IsCancellationRequested)
            {
                return ExitCode.Done;
            }
        });
    }

    private static string Describe(EventView one) =>
        Tables.Clean(
            $"{one.Position,8}  {one.At:HH:mm:ss.fff}  {one.Actor}  {one.Name}  {one.By}  {one.Data.GetRawText()}");
}
