using System.CommandLine;
using VioActors.Contracts;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio op</c>: long-running work.</summary>
internal static class OpVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) =>
        CommonOptions.Group("op", "Operations: long-running work.", List(host), Watch(host), Cancel(host));

    private static Command List(CliHost host)
    {
        var environment = new Option<string?>("--env")
        {
            Description = "Only those of this environment.",
            HelpName = "environment",
            CompletionSources = { Completions.Environments(host) },
        };
        var limit = new Option<int>("--limit") { Description = "How many, 1 to 200.", DefaultValueFactory = _ => 20 };
        limit.InRange(1, 200);
        return CliSession.Action(
            new Command("ls", "Lists operations, newest first.") { environment, limit }, host, async session =>
            {
                var all = await session.Api.OperationsAsync(
                    session.Parse.GetValue(environment), session.Parse.GetValue(limit), session.Cancel);
                session.Out.Result(all, operations => Tables.Operations(operations));
                return ExitCode.Done;
            });
    }

    private static Command Watch(CliHost host)
    {
        var operation = Operation(host);
        return CliSession.Action(
            new Command("watch", "Follows an operation to its end; Ctrl-C asks to cancel it.") { operation }, host,
            session => new OperationWatch(session).RunAsync(session.Parse.GetValue(operation)));
    }

    private static Command Cancel(CliHost host)
    {
        var operation = Operation(host);
        return CliSession.Action(
            new Command("cancel", "Asks an operation to end early and waits for its end.")
            {
                operation, CommonOptions.Detach,
            }, host,
            async session =>
            {
                var id = session.Parse.GetValue(operation);
                await session.Api.CancelAsync(id, session.Cancel);
                if (session.Parse.GetValue(CommonOptions.Detach)) return ExitCode.Done;
                await new OperationWatch(session).RunAsync(id);
                return ExitCode.Done;
            });
    }

    private static Argument<OperationId> Operation(CliHost host) => new("operation")
    {
        Description = "Id of the operation, op-...",
        CustomParser = OptionRules.Read(OperationId.From),
        CompletionSources = { Completions.Operations(host) },
    };
}
