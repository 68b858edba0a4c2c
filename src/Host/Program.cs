using System.CommandLine;
using System.CommandLine.Invocation;
using VioActors.Contracts.Api;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Cli.Fleet;
using VioActors.Daemon.Cli.Live;
using VioActors.Daemon.Cli.Switches;
using VioActors.Daemon.Demo;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Server;

return await Program.RunAsync(args, CliHost.OfProcess());

/// <summary>The executable: one line per group of verbs.</summary>
internal static partial class Program
{
    /// <summary>Runs one command line; gives the exit code.</summary>
    public static async Task<int> RunAsync(string[] args, CliHost host)
    {
        var root = new RootCommand("VioActors: isolated environments of virtual machines on your own hosts.");
        root.Subcommands.Add(HostVerbs.Create(host));
        root.Subcommands.Add(EnvVerbs.Create(host));
        root.Subcommands.Add(NodeVerbs.Create(host));
        root.Subcommands.Add(ConnectVerbs.Connect(host));
        root.Subcommands.Add(ConnectVerbs.Disconnect(host));
        root.Subcommands.Add(OpVerbs.Create(host));
        root.Subcommands.Add(AdaptVerbs.Create(host));
        root.Subcommands.Add(ClusterVerbs.Create(host));
        root.Subcommands.Add(ConsoleVerb.Create(host));
        root.Subcommands.Add(LoadTopVerb.Create(host));
        root.Subcommands.Add(SwitchVerbs.Create(host));
        root.Subcommands.Add(StoreVerbs.Create(host));
        root.Subcommands.Add(ImageVerbs.Create(host));
        root.Subcommands.Add(UserVerbs.Create(host));
        root.Subcommands.Add(EventsVerb.Create(host));
        root.Subcommands.Add(SimVerb.Create(host));
        root.Subcommands.Add(CompletionVerb.Create(host));
        root.Subcommands.Add(ServerCommand.Create());
        root.Subcommands.Add(AgentVerb.Create());
        root.Subcommands.Add(SwitchdVerb.Create());
        root.Subcommands.Add(DemoCommand.Create(host));
        root.Subcommands.Add(LabCommands.Create(host, LabPopulation.PopulateAsync));
        root.Subcommands.Add(GuestCommands.Create());

        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction wrong) wrong.ShowHelp = false;
        host.Interrupts.Listen();
        var code = await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = parsed.Action is ParseErrorAction ? host.Error : host.Out,
            Error = host.Error,
            // The library's handler of signals would hold back the second Ctrl-C until the command has ended.
            ProcessTerminationTimeout = null,
        }, host.Interrupts.First);
        if (parsed.Action is not ParseErrorAction) return code;
        const string remedy = "Add --help to see what is possible.";
        host.Error.WriteLine(remedy);
        if (args.Contains(CommonOptions.Json.Name))
        {
            var reason = string.Join(' ', parsed.Errors.Select(error => error.Message));
            new Output(host, json: true).Line(new { error = new Problem("wrong-usage", reason, remedy) });
        }

        return ExitCode.WrongUsage;
    }
}
