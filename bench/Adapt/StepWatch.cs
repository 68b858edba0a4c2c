using System.Collections.Immutable;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Adapt;

/// <summary>A step in the load of a guest, and what followed.</summary>
/// <param name="Seconds">From the last look that did not see the step to the sample that shows the change.</param>
/// <param name="Before">The node's sample before it.</param>
/// <param name="After">The sample that shows the change.</param>
/// <param name="ShareBefore">Part that the node had of all weights on its host.</param>
/// <param name="ShareAfter">Part that it has then.</param>
internal sealed record StepSeen(
    double Seconds, NodeSample Before, NodeSample After, double ShareBefore, double ShareAfter);

/// <summary>Waits for steps that one guest's script tells, and for what the manager does about them.</summary>
internal sealed class StepWatch(BenchRun run, DemoContext demo, string name, string line)
{
    private const int Lines = 5000;
    private const int Seconds = 5;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(200);
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(30);

    /// <summary>The next step after now.</summary>
    /// <param name="isFollowed">Whether a sample, the second, shows that something changed since the first.</param>
    public async Task<StepSeen> NextAsync(Func<NodeSample, NodeSample, bool> isFollowed)
    {
        var known = await CountAsync();
        var (step, started) = (run.Time.GetTimestamp(), run.Time.GetTimestamp());
        var before = await SampleAsync();
        while (true)
        {
            // A manager may be quicker than the guest's console: what was before is from before the last look.
            var looked = run.Time.GetTimestamp();
            var sample = await SampleAsync();
            if (await CountAsync() > known) break;
            (step, before) = (looked, sample);
            if (run.Time.GetElapsedTime(started) > Longest)
                throw new BenchException($"Guest {name} did not say '{line}' for {Longest.TotalSeconds:0} s.");
            await Task.Delay(Look, run.Time, run.Cancel);
        }

        while (true)
        {
            var now = await SampleAsync();
            if (isFollowed(before.Sample, now.Sample))
                return new StepSeen(
                    run.Time.GetElapsedTime(step).TotalSeconds, before.Sample, now.Sample, before.Share, now.Share);
            if (run.Time.GetElapsedTime(step) > Answer)
                throw new BenchException(
                    $"Nothing followed the step of guest {name} for 30 s: {now.Sample} "
                    + AdaptGuests.Told(await demo.Api.Adapt.ExplainAsync(demo.Astro.Name, name, run.Cancel)));
            await Task.Delay(Look, run.Time, run.Cancel);
        }
    }

    private async Task<int> CountAsync() => (await demo.Api.LogsAsync(demo.Name(name), Lines, run.Cancel))
        .Count(one => one.StartsWith(line, StringComparison.Ordinal));

    private async Task<(NodeSample Sample, double Share)> SampleAsync()
    {
        var nodes = (await demo.Api.SamplesAsync(demo.Astro.Name, null, Seconds, run.Cancel)).Nodes;
        var own = nodes.First(node => node.Name == name);
        if (own.Samples is not [.., { } last]) throw new BenchException($"Guest {name} has no samples.");
        var all = nodes.Where(node => node.HostName == own.HostName).Sum(Weight);
        return (last, Weight(own) / Math.Max(1, all));
    }

    private static double Weight(NodeLoadView node) => node.Samples is [.., { } last] ? last.CpuWeight ?? 0 : 0;
}
