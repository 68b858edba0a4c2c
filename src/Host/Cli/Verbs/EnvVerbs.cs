using System.CommandLine;
using Spectre.Console;
using Spectre.Console.Rendering;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio env</c>: environments.</summary>
internal static class EnvVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) => CommonOptions.Group(
        "env", "Environments: groups of machines with their own network.",
        EnvApplyVerb.Create(host), List(host), Show(host), Delete(host), EnvPingVerb.Create(host, Name(host)));

    private static Command List(CliHost host) => CliSession.Action(
        new Command("ls", "Lists environments."), host, async session =>
        {
            session.Out.Result(await session.Api.EnvironmentsAsync(session.Cancel), all => Tables.Environments(all));
            return ExitCode.Done;
        });

    private static Command Show(CliHost host)
    {
        var name = Name(host);
        return CliSession.Action(
            new Command("show", "Shows an environment, its nodes and its latest operations.")
            {
                name,
            }, host,
            async session =>
            {
                var view = await session.Api.EnvironmentAsync(session.Parse.GetRequiredValue(name), session.Cancel);
                session.Out.Result(view, one => new Rows(
                    [
                        Tables.Environments([one]), Text.Empty, Tables.Nodes(one.Nodes), Text.Empty,
                        .. one.Limits.Length == 0
                            ? (IEnumerable<IRenderable>)[] : [Tables.Limits(one.Limits), Text.Empty],
                        Tables.Operations(one.Operations),
                    ]));
                return ExitCode.Done;
            });
    }

    private static Command Delete(CliHost host)
    {
        var name = Name(host);
        return CliSession.Action(
            new Command("delete", "Stops all nodes and removes the environment with its disks.")
            {
                name, CommonOptions.Detach,
            }, host,
            async session =>
            {
                var accepted = await session.Api.DeleteEnvironmentAsync(
                    session.Parse.GetRequiredValue(name), session.Cancel);
                return await OperationWatch.FinishAsync(session, accepted.Operation);
            });
    }

    private static Argument<string> Name(CliHost host) => new("environment")
    {
        Description = "Name, owner~name or id.",
        CompletionSources = { Completions.Environments(host) },
    };
}
