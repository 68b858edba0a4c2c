using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>Rescales a running node: its work follows the CPU quota, its MemTotal the balloon.</summary>
internal static class Step6Rescale
{
    private const int QuotaPercent = 20;
    private const int Samples = 3;
    private const int MemoryStepMiB = 32;

    // With a fifth of a core, a guest that had most of one must do clearly less; schedulers are not exact.
    private const double MostShare = 0.7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs it; gives its result in words.</summary>
    public static async Task<string> RunAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        var name = demo.NodeWith("vio.work=1");
        var spec = demo.Astro.Nodes.Single(node => node.Name == name);
        var smaller = spec.MemoryMiB - MemoryStepMiB;
        var before = await MeasureAsync(demo, name, skip: 0, cancel);
        await ResizeAsync(demo, name, new ResizeRequest(smaller, null, QuotaPercent), view, 0.2, cancel);
        var limited = await MeasureAsync(demo, name, skip: 1, cancel);
        await ResizeAsync(demo, name, new ResizeRequest(spec.MemoryMiB, null, 0), view, 0.6, cancel);
        var after = await MeasureAsync(demo, name, skip: 1, cancel);
        if (!demo.Site.HasGuests) return $"quota and balloon accepted; the guest's work is {DemoFigures.NotApplicable}";

        demo.Notes.Add(
            ($"work per second: free, {QuotaPercent}%, free", $"{before.Work:0}, {limited.Work:0}, {after.Work:0}"));
        demo.Notes.Add(("MemTotal MiB: full, smaller, full", $"{before.MiB:0}, {limited.MiB:0}, {after.MiB:0}"));
        DemoFailedException.Unless(
            limited.Work < before.Work * MostShare && after.Work * MostShare > limited.Work,
            $"Work did not follow the quota: {before.Work:0} per second, {limited.Work:0} at {QuotaPercent}%, "
            + $"{after.Work:0} without.");
        DemoFailedException.Unless(
            before.MiB - limited.MiB > MemoryStepMiB * 0.75 && after.MiB - limited.MiB > MemoryStepMiB * 0.75,
            $"MemTotal did not follow the balloon: {before.MiB:0}, {limited.MiB:0}, {after.MiB:0} MiB.");
        return $"work {before.Work:0} to {limited.Work:0} to {after.Work:0} per second, "
            + $"memory {before.MiB:0} to {limited.MiB:0} to {after.MiB:0} MiB";
    }

    private static async Task ResizeAsync(
        DemoContext demo, string node, ResizeRequest request, IStepView view, double from, CancellationToken cancel)
    {
        var accepted = await demo.Api.ResizeAsync(demo.Name(node), request, cancel);
        await demo.FinishAsync(
            accepted.Operation,
            resize => view.At(
                from + (resize.Progress * 0.2), $"{node} to {request.MemoryMiB} MiB, quota {request.CpuQuotaPercent}%"),
            Patience, cancel);
    }

    // Waits for fresh seconds: those that were counted before the change, and the one in which it came, do not count.
    private static async Task<(double Work, double MiB)> MeasureAsync(
        DemoContext demo, string node, int skip, CancellationToken cancel)
    {
        if (!demo.Site.HasGuests) return (0, 0);
        var old = (await demo.Guests.ReadAsync(demo.Name(node), cancel)).WorkLines;
        GuestFacts facts = new();
        await demo.WaitAsync(
            $"{Samples} seconds of work by {node}", Patience,
            async () =>
            {
                facts = await demo.Guests.ReadAsync(demo.Name(node), cancel);
                var fresh = facts.WorkLines - old;
                return fresh >= Samples + skip ? null : $"{fresh} fresh lines";
            },
            cancel);
        return (facts.Work[^Samples..].Average(), facts.MemoryKiB / 1024.0);
    }
}
