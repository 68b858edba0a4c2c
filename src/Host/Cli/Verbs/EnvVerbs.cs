using System.CommandLine;
using Spectre.Console;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio env</c>: environments.</summary>
internal static class EnvVerbs
{
    private static readonly Argument<string> Name = new("environment") { Description = "Name, owner~name or id." };

    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) => CommonOptions.Group(
        "env", "Environments: groups of machines with their own network.",
        EnvApplyVerb.Create(host), List(host), Show(host), Delete(host), EnvPingVerb.Create(host, Name));

    private static Command List(CliHost host) => CliSession.Action(
        new Command("ls", "Lists environments."), host, async session =>
        {
            session.Out.Result(await session.Api.EnvironmentsAsync(session.Cancel), all => Tables.Environments(all));
            return ExitCode.Done;
        });

    private static Command Show(CliHost host) => CliSession.Action(
        new Command("show", "Shows an environment, its nodes and its latest operations.")
        {
            Name,
        }, host, async session =>
        {
            var view = await session.Api.EnvironmentAsync(session.Parse.GetRequiredValue(Name), session.Cancel);
            session.Out.Result(view, one => new Rows(
                Tables.Environments([one]), Tables.Nodes(one.Nodes), Tables.Operations(one.Operations)));
            return ExitCode.Done;
        });

    private static Command Delete(CliHost host) => CliSession.Action(
        new Command("delete", "Stops all nodes and removes the environment with its disks.")
        {
            Name, CommonOptions.Detach,
        }, host,
        async session =>
        {
            var accepted = await session.Api.DeleteEnvironmentAsync(
                session.Parse.GetRequiredValue(Name), session.Cancel);
            return await OperationWatch.FinishAsync(session, accepted.Operation);
        });
}
