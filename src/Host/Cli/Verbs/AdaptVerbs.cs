using System.CommandLine;
using System.Globalization;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio adapt</c>: what the site changes by itself, why, and what it would change.</summary>
internal static class AdaptVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) => CommonOptions.Group(
        "adapt", "Adaptation: nodes get more or less CPU and memory, and move, as their loads change.",
        Status(host), Plan(host), Apply(host), History(host), Explain(host), ReplayVerb(host), Mode(host),
        Pause(host, "pause", "Stops rounds of its own; what was begun goes on.", paused: true),
        Pause(host, "resume", "Lets rounds of its own come again.", paused: false), Policy(host));

    private static Command Status(CliHost host) => CliSession.Action(
        new Command("status", "Shows mode, policy, the last round and the newest plan."), host, async session =>
        {
            session.Out.Result(await session.Api.Adapt.ShowAsync(session.Cancel), AdaptTables.Status);
            return ExitCode.Done;
        });

    private static Command Plan(CliHost host)
    {
        var (file, name) = PolicyOptionsOf("Plan by this policy instead of the site's own: vio or violin-2007.");
        return CliSession.Action(
            new Command("plan", "Makes a plan now and shows it; changes nothing.") { name, file }, host,
            async session =>
            {
                var plan = await session.Api.Adapt.PlanAsync(Chosen(session, file, name), session.Cancel);
                session.Out.Result(plan, AdaptTables.Plan);
                return ExitCode.Done;
            });
    }

    private static Command Apply(CliHost host)
    {
        var number = new Argument<long?>("plan")
        {
            Description = "The plan that is meant; refused when a newer one was made. Default: the newest.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = OptionRules.Read<long?>(Number),
        };
        return CliSession.Action(
            new Command("apply", "Carries the newest plan out; 'vio adapt status' shows how far it is.") { number },
            host, async session =>
            {
                var started = await session.Api.Adapt.ApplyAsync(session.Parse.GetValue(number), session.Cancel);
                session.Out.Result(
                    started,
                    plan => $"Plan {plan.Plan}: {plan.Changes} change{(plan.Changes == 1 ? "" : "s")} on the way.");
                return ExitCode.Done;
            });
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{text}' is not the number of a plan; 'vio adapt history' lists them.");

    private static Command History(CliHost host) => CliSession.Action(
        new Command("history", "Lists plans, the newest first."), host, async session =>
        {
            var all = await session.Api.Adapt.HistoryAsync(session.Cancel);
            session.Out.Result(all, plans => AdaptTables.History(plans));
            return ExitCode.Done;
        });

    private static Command Explain(CliHost host)
    {
        var node = new Argument<NodeName>("node")
        {
            Description = "The node, as ENV/NODE.",
            CustomParser = OptionRules.Read(NodeName.Parse),
            CompletionSources = { Completions.Nodes(host) },
        };
        return CliSession.Action(
            new Command("explain", "Says why a node changed in the last round, or why it did not.") { node }, host,
            async session =>
            {
                var named = session.Parse.GetRequiredValue(node);
                session.Out.Result(
                    await session.Api.Adapt.ExplainAsync(named.Environment, named.Node, session.Cancel),
                    AdaptTables.Explain);
                return ExitCode.Done;
            });
    }

    private static Command ReplayVerb(CliHost host)
    {
        var (file, name) = PolicyOptionsOf("Compare with this policy: vio or violin-2007. Default: the site's own.");
        var plan = new Option<long?>("--plan")
        {
            Description = "The plan whose snapshot is taken. Default: the last round.",
            HelpName = "number",
        };
        return CliSession.Action(
            new Command("replay", "Plans again on what was seen then, by another policy, and shows the difference.")
            {
                plan, name, file,
            }, host, async session =>
            {
                var view = await session.Api.Adapt.ReplayAsync(
                    session.Parse.GetValue(plan), Chosen(session, file, name), session.Cancel);
                session.Out.Result(view, AdaptTables.Replay);
                return ExitCode.Done;
            });
    }

    private static Command Mode(CliHost host)
    {
        var mode = new Argument<string>("mode")
        {
            Description = "manual: nothing by itself; partial: CPU and memory, moves are shown; automatic: moves too.",
        };
        mode.AcceptOnlyFromAmong("manual", "partial", "automatic");
        var period = new Option<int?>("--period")
        {
            Description = "Seconds from the end of a round to the next, 1 to 3600.",
            HelpName = "seconds",
        };
        period.InRange(1, 3600);
        return CliSession.Action(
            new Command("mode", "Says what the site changes by itself.") { mode, period }, host, session => SetAsync(
                session, new AdaptBody(
                    Enum.Parse<AdaptMode>(session.Parse.GetRequiredValue(mode), ignoreCase: true),
                    session.Parse.GetValue(period))));
    }

    private static Command Pause(CliHost host, string name, string what, bool paused) => CliSession.Action(
        new Command(name, what), host, session => SetAsync(session, new AdaptBody(Paused: paused)));

    private static Command Policy(CliHost host)
    {
        var (file, name) = PolicyOptionsOf("The policy with its usual options: vio or violin-2007.");
        return CliSession.Action(
            new Command("policy", "Shows which policy makes plans, or chooses another.") { name, file }, host,
            async session =>
            {
                if (Chosen(session, file, name) is { } chosen)
                    return await SetAsync(session, new AdaptBody(Policy: chosen));
                session.Out.Result(
                    (await session.Api.Adapt.ShowAsync(session.Cancel)).Policy, AdaptTables.PolicyText);
                return ExitCode.Done;
            });
    }

    private static async Task<int> SetAsync(CliSession session, AdaptBody body)
    {
        session.Out.Result(await session.Api.Adapt.SetAsync(body, session.Cancel), AdaptTables.Settings);
        return ExitCode.Done;
    }

    private static (Option<string?> File, Option<string?> Name) PolicyOptionsOf(string description) => (
        new Option<string?>("--file", "-f")
        {
            Description = "A policy in YAML: its name and options; - reads standard input.",
            HelpName = "path",
        },
        new Option<string?>("--policy") { Description = description, HelpName = "name" });

    private static PolicyChoice? Chosen(CliSession session, Option<string?> file, Option<string?> name) =>
        (session.Parse.GetValue(file), session.Parse.GetValue(name)) switch
        {
            ({ }, { }) => throw new UsageException("--file and --policy exclude each other.", "Give one of them."),
            ({ } path, null) => PolicyFile.Load(path, session.Host.In),
            (null, { } known) => PolicyChoice.Of(known),
            _ => null,
        };
}
