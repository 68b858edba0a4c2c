using System.CommandLine;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary><c>vio demo</c>: the whole system on this machine, once through.</summary>
internal static class DemoCommand
{
    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host)
    {
        var simulated = new Option<bool>("--sim") { Description = "Run on the simulated hypervisor; needs no root." };
        var keep = new Option<bool>("--keep")
        {
            Description = "Before deleting, wait for Ctrl-C so that you can look around.",
        };
        var yes = new Option<bool>("--yes") { Description = "Ask nothing (the launcher installs missing packages)." };
        var file = new Option<string?>("--file", "-f")
        {
            Description = "Another environment than config/demo.yaml.",
            HelpName = "path",
        };
        var command = new Command(
            "demo",
            "Brings up a lab of two hosts, creates, isolates, moves, kills, rescales, deletes, and says what held.")
        {
            simulated, keep, yes, file, CommonOptions.Json,
        };
        return CliSession.Action(command, host, session => RunAsync(
            session,
            new DemoOptions(
                session.Parse.GetValue(CommonOptions.Json),
                session.Parse.GetValue(simulated) || !Environment.IsPrivilegedProcess,
                session.Parse.GetValue(keep), session.Parse.GetValue(file))));
    }

    private static async Task<int> RunAsync(CliSession session, DemoOptions options)
    {
        if (options.Simulated)
            session.Out.Note(
                "Simulated: no machine boots and no packet is sent. What only real guests can tell is marked "
                + $"'{DemoFigures.NotApplicable}'. Run as root without --sim for the real thing.");
        var path = options.File ?? FindSpec();
        var spec = SpecFile.Load(path, session.Host.In);
        var run = new DemoRun(session, options, spec);
        return await run.RunAsync();
    }

    private static string FindSpec()
    {
        string[] places = ["config/demo.yaml", Path.Combine(AppContext.BaseDirectory, "config", "demo.yaml")];
        return places.FirstOrDefault(File.Exists) ?? places[1];
    }
}
