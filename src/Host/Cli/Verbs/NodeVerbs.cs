using System.CommandLine;
using VioActors.Contracts;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio node</c>: single machines of environments.</summary>
internal static class NodeVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) => CommonOptions.Group(
        "node", "Nodes of environments, named ENV/NODE.",
        List(host), Show(host), Move(host), Resize(host), Stop(host), Start(host), Logs(host));

    private static Command List(CliHost host)
    {
        var environment = new Argument<string?>("environment")
        {
            Description = "Only nodes of this environment.",
            Arity = ArgumentArity.ZeroOrOne,
            CompletionSources = { Completions.Environments(host) },
        };
        return CliSession.Action(new Command("ls", "Lists nodes.") { environment }, host, async session =>
        {
            var nodes = await session.Api.NodesAsync(session.Parse.GetValue(environment), session.Cancel);
            session.Out.Result(nodes, all => Tables.Nodes(all));
            return ExitCode.Done;
        });
    }

    private static Command Show(CliHost host)
    {
        var node = Node(host);
        return CliSession.Action(new Command("show", "Shows one node.") { node }, host, async session =>
        {
            session.Out.Result(
                await session.Api.NodeAsync(session.Parse.GetRequiredValue(node), session.Cancel), Facts);
            return ExitCode.Done;
        });
    }

    private static Command Move(CliHost host)
    {
        var to = new Option<string?>("--to")
        {
            Description = "The host; default: the site chooses.",
            HelpName = "host",
            CompletionSources = { Completions.Hosts(host) },
        };
        var bandwidth = new Option<int?>("--bandwidth")
        {
            Description = "Most memory copied per second, for example 50MiB; default: no limit.",
            HelpName = "size",
            CustomParser = OptionRules.Read<int?>(text => Units.MiB(text)),
        };
        return Long("move", "Moves a node to another host while it runs.", host, [to, bandwidth], (session, node) =>
            session.Api.MoveAsync(
                node, new MoveBody(session.Parse.GetValue(to), session.Parse.GetValue(bandwidth)), session.Cancel));
    }

    private static Command Resize(CliHost host)
    {
        var memory = new Option<int?>("--memory")
        {
            Description = "Memory, at most what it started with, for example 128MiB.",
            HelpName = "size",
            CustomParser = OptionRules.Read<int?>(text => Units.MiB(text)),
        };
        var weight = new Option<int?>("--cpu-weight") { Description = "Share of a busy host, 1 to 10000." };
        weight.InRange(1, 10_000);
        var quota = new Option<int?>("--cpu-quota")
        {
            Description = "Hard limit in percent of one core, for example 50%; none removes it.",
            HelpName = "percent",
            CustomParser = OptionRules.Read<int?>(text => Units.Percent(text) ?? 0),
        };
        return Long(
            "resize", "Changes what a node gets while it runs.", host, [memory, weight, quota], (session, node) =>
        {
            var request = new ResizeBody(
                session.Parse.GetValue(memory), session.Parse.GetValue(weight), session.Parse.GetValue(quota));
            return request == new ResizeBody(null, null, null)
                ? throw new UsageException("Nothing to change.", "Give --memory, --cpu-weight or --cpu-quota.")
                : session.Api.ResizeAsync(node, request, session.Cancel);
        });
    }

    private static Command Stop(CliHost host)
    {
        var grace = new Option<TimeSpan>("--grace")
        {
            Description = "Time the guest has to shut down, at most 1h; 0s cuts its power.",
            HelpName = "time",
            DefaultValueFactory = _ => TimeSpan.FromSeconds(30),
            CustomParser = OptionRules.Read(text => TimeSpan.FromSeconds(Units.Seconds(text))),
        };
        return Long("stop", "Stops a node; its place and disk stay.", host, [grace], (session, node) =>
            session.Api.StopAsync(node, (int)session.Parse.GetValue(grace).TotalSeconds, session.Cancel));
    }

    private static Command Start(CliHost host) => Long(
        "start", "Starts a stopped node, elsewhere when its host was fenced.", host, [],
        (session, node) => session.Api.StartAsync(node, session.Cancel));

    private static Command Logs(CliHost host)
    {
        var node = Node(host);
        var lines = new Option<int>("--lines", "-n")
        {
            Description = "How many, 1 to 10000.",
            DefaultValueFactory = _ => 50,
        };
        lines.InRange(1, 10_000);
        return CliSession.Action(
            new Command("logs", "Shows the last lines of a node's serial console.")
            {
                node, lines,
            }, host, async session =>
            {
                var log = await session.Api.LogsAsync(
                    session.Parse.GetRequiredValue(node), session.Parse.GetValue(lines), session.Cancel);
                session.Out.Result(new LogAnswer(log), answer => string.Join('\n', answer.Lines.Select(Tables.Clean)));
                return ExitCode.Done;
            });
    }

    private static Command Long(
        string verb, string description, CliHost host, Option[] options, Func<CliSession, NodeName, Task<Accepted>> ask)
    {
        var node = Node(host);
        var command = new Command(verb, description) { node };
        foreach (var option in options) command.Options.Add(option);
        command.Options.Add(CommonOptions.Detach);
        return CliSession.Action(command, host, async session =>
        {
            var accepted = await ask(session, session.Parse.GetRequiredValue(node));
            return await OperationWatch.FinishAsync(session, accepted.Operation);
        });
    }

    private static Argument<NodeName> Node(CliHost host) => new("env/node")
    {
        Description = "The node, for example astro/n1.",
        CustomParser = OptionRules.Read(NodeName.Parse),
        CompletionSources = { Completions.Nodes(host) },
    };

    private static Spectre.Console.Grid Facts(NodeView node) => Tables.Facts(
        ("name", $"{node.Environment}/{node.Name}"), ("id", node.Id.Value), ("power", Tables.Word(node.Power)),
        ("host", node.HostName ?? "none"), ("run", $"{node.Run}"), ("ip", node.Ip), ("mac", node.Mac),
        ("image", node.Image),
        ("memory", $"{node.MemoryMiB} of {node.MaxMemoryMiB} MiB"), ("vcpus", $"{node.Vcpus}"),
        ("cpu weight", $"{node.CpuWeight}"), ("cpu quota", node.CpuQuotaPercent is { } quota ? $"{quota}%" : "none"),
        ("why", node.Why?.ToString()));
}
