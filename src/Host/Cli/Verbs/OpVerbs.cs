using System.CommandLine;
using VioActors.Contracts;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio op</c>: long-running work.</summary>
internal static class OpVerbs
{
    private static readonly Argument<OperationId> Operation = new("operation")
    {
        Description = "Id of the operation, op-...",
        CustomParser = OptionRules.Read(OperationId.From),
    };

    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) =>
        CommonOptions.Group("op", "Operations: long-running work.", List(host), Watch(host), Cancel(host));

    private static Command List(CliHost host)
    {
        var environment = new Option<string?>("--env")
        {
            Description = "Only those of this environment.",
            HelpName = "environment",
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

    private static Command Watch(CliHost host) => CliSession.Action(
        new Command("watch", "Follows an operation to its end; Ctrl-C asks to cancel it.") { Operation }, host,
        session => new OperationWatch(session).RunAsync(session.Parse.GetValue(Operation)));

    private static Command Cancel(CliHost host) => CliSession.Action(
        new Command("cancel", "Asks an operation to end early and waits for its end.")
        {
            Operation, CommonOptions.Detach,
        }, host,
        async session =>
        {
            var operation = session.Parse.GetValue(Operation);
            await session.Api.CancelAsync(operation, session.Cancel);
            if (session.Parse.GetValue(CommonOptions.Detach)) return ExitCode.Done;
            await new OperationWatch(session).RunAsync(operation);
            return ExitCode.Done;
        });
}
