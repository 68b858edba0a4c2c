using System.CommandLine;

namespace VioActors.Daemon.Cli.Switches;

/// <summary><c>vio switch</c>: what the distributed switch does, and why frames do not arrive.</summary>
internal static class SwitchVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) => CommonOptions.Group(
        "switch", "The switches of hosts: ports, tunnels, rates, captures, reasons of drops.",
        Show(host), TopVerb.Create(host), TraceVerb.Create(host));

    private static Command Show(CliHost host)
    {
        var machine = SwitchSources.HostOf(host);
        var drops = new Option<bool>("--drops")
        {
            Description = "Show what was dropped or refused, why, and what to do about it.",
        };
        return CliSession.Action(
            new Command("show", "Shows ports, tunnels and pairs of nodes of one or all hosts.")
            {
                machine, SwitchSources.Socket, drops,
            },
            host,
            async session =>
            {
                var switches = await SwitchSources.AllAsync(session, session.Parse.GetValue(machine));
                try
                {
                    var statuses = await SwitchSources.StatusesAsync(session, switches);
                    var names = await SwitchSources.NamesAsync(session, switches);
                    if (!session.Parse.GetValue(drops))
                        session.Out.Result(statuses, all => SwitchTables.All(all, names));
                    else if (SwitchTables.Losses(statuses, names) is { Count: > 0 } || session.Out.IsJson)
                        session.Out.Result(SwitchTables.Losses(statuses, names), SwitchTables.Of);
                    else
                        session.Out.Note("Nothing was dropped or refused.");
                }
                finally
                {
                    foreach (var one in switches) await one.DisposeAsync();
                }

                return ExitCode.Done;
            });
    }
}
