using System.CommandLine;
using Spectre.Console;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli.Switches;

namespace VioActors.Daemon.Cli.Live;

/// <summary><c>vio top</c>: what hosts and nodes use, want and may use now.</summary>
internal static class LoadTopVerb
{
    // What fits on a terminal below the hosts; all of them with --once.
    private const int MostRows = 40;

    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host)
    {
        var machine = SwitchSources.HostOf(host);
        machine.Description = "Only this host and its nodes.";
        var environment = new Option<string?>("--env")
        {
            Description = "Only the nodes of this environment.",
            HelpName = "environment",
            CompletionSources = { Completions.Environments(host) },
        };
        var last = new Option<int>("--last")
        {
            Description = "Show samples that ended within so many seconds, 1 to 7200; more where agents sample rarely.",
            HelpName = "seconds",
            DefaultValueFactory = _ => 10,
        };
        last.InRange(1, 7200);
        var once = new Option<bool>("--once") { Description = "Show one table and end. Default when piped." };
        return CliSession.Action(
            new Command("top", "Shows what hosts and nodes use, want and may use, every second.")
            {
                machine, environment, last, once, CommonOptions.Json, CommonOptions.Server,
            },
            host,
            async session =>
            {
                var ask = new Question(
                    session.Parse.GetValue(environment), session.Parse.GetValue(machine),
                    session.Parse.GetValue(last));
                try
                {
                    await RunAsync(session, ask, session.Parse.GetValue(once));
                }
                catch (OperationCanceledException) when (session.Cancel.IsCancellationRequested)
                {
                    // Ctrl-C is how it ends.
                }

                return ExitCode.Done;
            });
    }

    private sealed record Question(string? Environment, string? Host, int Seconds);

    private static async Task RunAsync(CliSession session, Question ask, bool once)
    {
        Task<SamplesView> LookAsync() => session.Api.SamplesAsync(
            ask.Environment, ask.Host, ask.Seconds, session.Cancel);
        var isTerminal = session.Host.OutWidth is not null;
        if (once || !isTerminal || session.Out.IsJson)
        {
            while (true)
            {
                var view = await LookAsync();
                session.Out.Result(view, all => TopTables.All(all, int.MaxValue));
                if (once || !isTerminal) break;
                await Task.Delay(TimeSpan.FromSeconds(1), session.Host.Time, session.Cancel);
            }
            return;
        }

        await session.Out.Live().Live(new Text("measuring...")).AutoClear(true).StartAsync(async context =>
        {
            while (session.Host.Key?.Invoke() is not (ConsoleKey.Q or ConsoleKey.Escape))
            {
                context.UpdateTarget(
                    new Rows(TopTables.All(await LookAsync(), MostRows), new Text("q or Ctrl-C ends")));
                await Task.Delay(TimeSpan.FromSeconds(1), session.Host.Time, session.Cancel);
            }
        });
    }
}
