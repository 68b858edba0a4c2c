using System.CommandLine;
using Spectre.Console;

namespace VioActors.Daemon.Cli.Live;

/// <summary><c>vio console</c>: a live view of the whole site, with keys for dead letters.</summary>
internal static class ConsoleVerb
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host)
    {
        var command = CliSession.Action(
            new Command("console", "A live view: servers, shards, rates, operations, hosts, dead letters."),
            host, RunAsync);
        command.Options.Add(CommonOptions.Server);
        return command;
    }

    private static async Task<int> RunAsync(CliSession session)
    {
        if (!session.Out.IsLive || session.Host.Key is not { } key)
            throw new UsageException(
                "The console needs a terminal.", "Programs read: vio cluster status --json");
        var time = session.Host.Time;
        var screen = new SiteScreen(time);
        var now = await SiteSnapshot.ReadAsync(session.Api, time, session.Cancel);
        var (before, selected, message) = ((SiteSnapshot?)null, 0, "");
        await session.Out.Live().Live(screen.Draw(now, before, selected, message)).AutoClear(true).StartAsync(
            async context =>
            {
                while (true)
                {
                    for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < Interval;)
                    {
                        await Task.Delay(KeyInterval, time, session.Cancel);
                        if (key() is not { } pressed) continue;
                        if (pressed is ConsoleKey.Q or ConsoleKey.Escape) return;
                        (selected, message) = await ActAsync(session, now, selected, pressed);
                        context.UpdateTarget(screen.Draw(now, before, selected, message));
                    }

                    try
                    {
                        (before, now) = (now, await SiteSnapshot.ReadAsync(session.Api, time, session.Cancel));
                        selected = Math.Clamp(selected, 0, Math.Max(0, now.Letters.Length - 1));
                    }
                    catch (CliException away)
                    {
                        message = $"What is shown is old: {away.Problem.Reason}";
                    }

                    context.UpdateTarget(screen.Draw(now, before, selected, message));
                }
            });
        return ExitCode.Done;
    }

    private static async Task<(int Selected, string Message)> ActAsync(
        CliSession session, SiteSnapshot now, int selected, ConsoleKey pressed)
    {
        if (pressed == ConsoleKey.UpArrow) return (Math.Max(0, selected - 1), "");
        if (pressed == ConsoleKey.DownArrow) return (Math.Min(selected + 1, Math.Max(0, now.Letters.Length - 1)), "");
        if (pressed is not (ConsoleKey.R or ConsoleKey.D)) return (selected, "");
        if (selected >= now.Letters.Length) return (selected, "There is no dead letter.");
        var letter = now.Letters[selected];
        try
        {
            if (pressed == ConsoleKey.R) await session.Api.Cluster.RetryAsync(letter.Id, session.Cancel);
            else await session.Api.Cluster.DropAsync(letter.Id, session.Cancel);
            return (selected, $"{letter.Id} {(pressed == ConsoleKey.R ? "was delivered again" : "is forgotten")}.");
        }
        catch (CliException refused)
        {
            return (selected, refused.Problem.Reason);
        }
    }
}
