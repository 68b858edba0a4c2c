using VioActors.Contracts;
using VioActors.Runtime;
using VioActors.Simulation.Time;

namespace VioActors.Simulation.Site;

/// <summary>How one simulated run ended.</summary>
/// <param name="Seed">Reproduces it, together with the commit of the source.</param>
/// <param name="Violation">The broken rule; null when all held.</param>
/// <param name="Commits">Commits of the server's store.</param>
/// <param name="Elapsed">Virtual time.</param>
/// <param name="Faults">Faults by kind.</param>
/// <param name="Moved">How often a node changed its host.</param>
/// <param name="Trace">After a violation: the last events of the journal, oldest first.</param>
public sealed record SimReport(
    int Seed, string? Violation, int Commits, TimeSpan Elapsed, IReadOnlyDictionary<string, int> Faults, int Moved,
    IReadOnlyList<string> Trace)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"seed {Seed}: {Violation ?? "all rules held"} ({Commits} commits, {Elapsed} of virtual time, faults: "
        + $"{string.Join(", ", Faults.Select(fault => $"{fault.Value} {fault.Key}"))})\n{string.Join('\n', Trace)}";
}

/// <summary>Runs the production actors, runtime and agents through one seed.</summary>
public static class SimRun
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One run: users act under faults, then everything must come to rest.</summary>
    /// <param name="seed">Draws order, faults and actions.</param>
    /// <param name="chaos">Which faults; their draws follow the seed as well.</param>
    /// <param name="actions">What users do between create and delete, in number.</param>
    public static SimReport Run(int seed, SimChaos chaos, int actions = 8)
    {
        var loop = new VirtualLoop(seed, Start);
        var site = new SimSite(loop, seed, chaos);
        string? violation = null;
        try
        {
            var scenario = new SimScenario(site, new SimChecks(site, SimSite.Codec), seed, actions);
            loop.Run(loop.Start(scenario.RunAsync), TimeSpan.FromHours(12));
        }
        catch (Exception broken) when (broken is SimViolationException or TimeoutException)
        {
            violation = broken.Message;
        }

        var trace = violation is null ? [] : site.Server.Trace(60);
        return new SimReport(seed, violation, chaos.Commits, loop.Time.GetUtcNow() - Start, chaos.Happened,
            site.Server.Trace(int.MaxValue).Count(line => line.Contains("environment.node-moved")), trace);
    }
}
