using System.CommandLine;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio env apply -f FILE</c>: makes an environment as the file says; shows the difference first.</summary>
internal static class EnvApplyVerb
{
    private static readonly Option<string> FileOption = new("--file", "-f")
    {
        Description = "The environment in YAML; - reads standard input.",
        Required = true,
        HelpName = "path",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only show what would change." };

    private static readonly Option<string?> Owner = new("--owner")
    {
        Description = "Whose environment it is; only an administrator may name somebody else.",
        HelpName = "user",
    };

    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host) => CliSession.Action(
        new Command("apply", "Creates, grows, shrinks or resizes an environment so that it is as the file says.")
        {
            FileOption, DryRun, Owner, CommonOptions.Detach,
        },
        host, RunAsync);

    private static async Task<int> RunAsync(CliSession session)
    {
        var spec = SpecFile.Load(session.Parse.GetRequiredValue(FileOption), session.Host.In);
        var dryRun = session.Parse.GetValue(DryRun);
        var result = await session.Api.ApplyAsync(spec, dryRun, session.Parse.GetValue(Owner), session.Cancel);
        if (session.Out.IsJson && (dryRun || result.Operation is null || session.Parse.GetValue(CommonOptions.Detach)))
        {
            session.Out.Line(result);
            return ExitCode.Done;
        }

        if (!session.Out.IsJson) ShowChanges(session, spec.Name, result, dryRun);
        return result.Operation is { } operation && !dryRun
            ? await OperationWatch.FinishAsync(session, operation)
            : ExitCode.Done;
    }

    private static void ShowChanges(CliSession session, string name, ApplyResult result, bool dryRun)
    {
        if (result.Changes.IsDefaultOrEmpty)
        {
            session.Out.Result(result, _ => result.Operation is null
                ? $"{name} is as the file says; nothing to do."
                : $"{name} is on its way to what the file says.");
            return;
        }

        session.Out.Result(result, shown => Tables.Changes(shown.Changes));
        if (dryRun) session.Out.Note("Dry run: nothing was changed.");
    }
}
