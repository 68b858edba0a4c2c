using System.CommandLine;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio env ping ENV NODE</c>: pings a node inside its private network from a host's switch.</summary>
internal static class EnvPingVerb
{
    /// <summary>Builds the verb.</summary>
    public static Command Create(CliHost host, Argument<string> environment)
    {
        var node = new Argument<string>("node")
        {
            Description = "Name of the node.",
            CompletionSources = { Completions.NodesOf(host, environment) },
        };
        var from = new Option<string?>("--from")
        {
            Description = "The host whose prober asks; default: the node's own.",
            HelpName = "host",
            CompletionSources = { Completions.Hosts(host) },
        };
        var count = new Option<int>("--count", "-c")
        {
            Description = "How many, 1 to 60000.",
            DefaultValueFactory = _ => 5,
        };
        count.InRange(1, 60_000);
        var interval = new Option<TimeSpan>("--interval", "-i")
        {
            Description = "Time between two, 10ms to 10s.",
            HelpName = "time",
            DefaultValueFactory = _ => TimeSpan.FromMilliseconds(200),
            CustomParser = OptionRules.Read(Interval),
        };
        return CliSession.Action(
            new Command("ping", "Pings a node in its private network; exit code 1 when an answer is missing.")
            {
                environment, node, from, count, interval,
            },
            host,
            async session =>
            {
                var name = session.Parse.GetRequiredValue(node);
                var request = new PingBody(
                    name, session.Parse.GetValue(from), session.Parse.GetValue(count),
                    (int)session.Parse.GetValue(interval).TotalMilliseconds);
                var figures = await session.Api.PingAsync(
                    session.Parse.GetRequiredValue(environment), request, session.Cancel);
                session.Out.Result(figures, got => Describe(name, got));
                return figures.Received == figures.Sent ? ExitCode.Done : ExitCode.Failed;
            });
    }

    private static TimeSpan Interval(string text)
    {
        var time = Units.Time(text);
        return time.TotalMilliseconds is >= 10 and <= 10_000
            ? time
            : throw new FormatException($"--interval {text} is out of range: 10ms to 10s is allowed.");
    }

    private static string Describe(string name, PingFigures figures) =>
        $"{name}: {figures.Sent} sent, {figures.Received} answered, {figures.Sent - figures.Received} lost, "
        + $"{figures.Duplicates} doubled, longest gap {figures.LongestGapMs:0.0} ms, "
        + $"round trip p50 {figures.RttP50Us / 1000:0.000} ms, p99 {figures.RttP99Us / 1000:0.000} ms";
}
