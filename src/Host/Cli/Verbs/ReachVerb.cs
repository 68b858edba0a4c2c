using System.CommandLine;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>
/// <c>vio host reach [-f FILE]</c>: which hosts pass on for others, and which ways lead through hosts.
/// </summary>
internal static class ReachVerb
{
    private static readonly Option<string?> FileOption = new("--file", "-f")
    {
        Description = "Relays and routes in YAML, which replace those that are; - reads standard input.",
        HelpName = "path",
    };

    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host) => CliSession.Action(
        new Command("reach", "Shows, or sets, which hosts pass on for others and which ways lead through hosts.")
        {
            FileOption,
        },
        host, RunAsync);

    private static async Task<int> RunAsync(CliSession session)
    {
        var switches = session.Api.Switches;
        if (session.Parse.GetValue(FileOption) is { } path)
        {
            var (name, text) = YamlFile.Read(path, session.Host.In);
            await switches.SetReachAsync(ReachFile.Parse(name, text), session.Cancel);
        }

        session.Out.Result(await switches.ReachAsync(session.Cancel), Rows);
        return ExitCode.Done;
    }

    private static Spectre.Console.Table Rows(ReachView reach) => Tables.Of(
        [
            .. reach.Relays.Select(relay => (Kind: "relay", Hosts: relay)),
            .. reach.Routes.Select(route => (Kind: "route", Hosts: string.Join(" - ", route))),
        ],
        ("KIND", one => one.Kind), ("HOSTS", one => one.Hosts));
}
