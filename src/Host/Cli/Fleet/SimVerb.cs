using System.CommandLine;
using VioActors.Contracts.Api;
using VioActors.Daemon.Shell;
using VioActors.Simulation.World;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary><c>vio sim</c>: policies of adaptation tried on a fleet that is only described.</summary>
internal static class SimVerb
{
    private static readonly Argument<string> FileArgument = new("file")
    {
        Description = "The fleet in YAML; 'vio sim example' prints one.",
    };

    private static readonly Option<string[]> Policies = new("--policy")
    {
        Description = "Only these policies; may be given several times. Default: those of the file.",
        HelpName = "name",
    };

    private static readonly Option<int?> Seed = new("--seed")
    {
        Description = "Another seed than the file's.",
        HelpName = "n",
    };

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Also write report.html, report.json and the charts into this directory.",
        HelpName = "dir",
    };

    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host)
    {
        Policies.AcceptOnlyFromAmong([.. WorldPolicies.Names]);
        Seed.InRange(0, int.MaxValue);
        var example = new Command("example", "Prints a fleet file with every option explained.");
        example.SetAction(_ =>
        {
            host.Out.Write(EmbeddedScript.Text("fleet.yaml"));
            return ExitCode.Done;
        });
        return new Command("sim", "Tries policies of adaptation on a simulated fleet; needs no server.")
        {
            CliSession.Action(
                new Command("run", "Runs a fleet under each policy, in virtual time, and compares them.")
                {
                    FileArgument, Policies, Seed, Out, CommonOptions.Json,
                },
                host, session => Task.FromResult(Run(session))),
            example,
        };
    }

    private static int Run(CliSession session)
    {
        var file = WorldFile.Load(session.Parse.GetRequiredValue(FileArgument));
        var setup = session.Parse.GetValue(Seed) is { } seed ? file.Setup with { Seed = seed } : file.Setup;
        var policies = session.Parse.GetValue(Policies) is { Length: > 0 } named
            ? [.. named.Distinct()] : file.Policies;
        var reports = new List<WorldReport>();
        foreach (var policy in policies)
        {
            if (session.Out.IsLive) session.Out.Note($"{policy} ...");
            try
            {
                reports.Add(WorldRun.Run(
                    setup, WorldPolicies.Of(policy, file.Options), policy, session.Cancel));
            }
            catch (OperationCanceledException)
            {
                session.Out.Failure(new Problem("interrupted", $"Interrupted under {policy}.", "Nothing was written."));
                return ExitCode.Failed;
            }
        }

        // Curves and single moves are for files.
        if (session.Out.IsJson) session.Out.Line(reports.Select(report => report with { Watts = [], Hosts = [], Moves = [] }));
        else session.Out.Result(reports, WorldTables.Of);
        if (session.Parse.GetValue(Out) is { } directory)
        {
            WorldPages.Write(directory, setup, reports);
            session.Out.Note($"Written: {Path.Combine(directory, "report.html")}");
        }

        var failed = reports.Where(report => report.Failure is not null).ToList();
        foreach (var report in failed) session.Out.Note($"{report.Policy} failed. {report.Failure}");
        return failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
