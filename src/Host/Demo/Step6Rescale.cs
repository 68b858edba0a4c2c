using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>
/// Rescales a running node: its work follows the CPU quota, its MemTotal the balloon. Work is compared only over
/// seconds in which the host had CPU to give: what the machine got is read from its process, so that a host which is
/// busy with something else delays the step and does not decide it.
/// </summary>
internal static class Step6Rescale
{
    private const int QuotaPercent = 20;
    private const int Samples = 3;
    private const int MemoryStepMiB = 32;

    // Without a quota the guest must have had twice as much of a core, or the seconds say nothing.
    private const double LeastFreeCores = 0.4;

    // Under the quota the guest's processor gets a fifth of a core; QEMU's own threads come on top.
    private const double MostLimitedCores = 0.35;

    // With half of the CPU time, or less, it must do clearly less; schedulers are not exact.
    private const double MostShare = 0.7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What was measured over a few seconds.</summary>
    /// <param name="Work">Median of the units of work per second that the guest counted.</param>
    /// <param name="Cores">CPU time that the machine got of its host, per second.</param>
    /// <param name="MiB">The guest's MemTotal.</param>
    internal readonly record struct Window(double Work, double Cores, double MiB)
    {
        public override string ToString() => $"{Work:0} with {Cores:0.00} cores";
    }

    /// <summary>Runs it; gives its result in words.</summary>
    public static async Task<string> RunAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        var name = demo.NodeWith("vio.work=1");
        var node = (await demo.NodeAsync(name, cancel)).Id;
        var spec = demo.Astro.Nodes.Single(one => one.Name == name);
        var smaller = spec.MemoryMiB - MemoryStepMiB;
        var before = await FreeAsync(demo, name, node, cancel);
        await ResizeAsync(demo, name, new ResizeBody(smaller, null, QuotaPercent), view, 0.2, cancel);
        var limited = await MeasureAsync(demo, name, node, cancel);
        await ResizeAsync(demo, name, new ResizeBody(spec.MemoryMiB, null, 0), view, 0.6, cancel);
        var after = await FreeAsync(demo, name, node, cancel);
        if (!demo.Site.HasGuests) return $"quota and balloon accepted; the guest's work is {DemoFigures.NotApplicable}";

        demo.Notes.Add(($"work per second: free, {QuotaPercent}%, free", $"{before}, {limited}, {after}"));
        demo.Notes.Add(("MemTotal MiB: full, smaller, full", $"{before.MiB:0}, {limited.MiB:0}, {after.MiB:0}"));
        if (Objection(before, limited, after) is { } objection) throw new DemoFailedException(objection);
        return $"work {before.Work:0} to {limited.Work:0} to {after.Work:0} per second, "
            + $"memory {before.MiB:0} to {limited.MiB:0} to {after.MiB:0} MiB";
    }

    /// <summary>What is wrong with the three windows; null when nothing is.</summary>
    internal static string? Objection(Window before, Window limited, Window after)
    {
        var work = $"{before} without a quota, {limited} at {QuotaPercent}%, {after} without again";
        if (limited.Cores > MostLimitedCores) return $"The quota does not hold: {work}.";
        if (limited.Work >= before.Work * MostShare || limited.Work >= after.Work * MostShare)
            return $"Work did not follow the quota: {work}.";
        return before.MiB - limited.MiB > MemoryStepMiB * 0.75 && after.MiB - limited.MiB > MemoryStepMiB * 0.75
            ? null
            : $"MemTotal did not follow the balloon: {before.MiB:0}, {limited.MiB:0}, {after.MiB:0} MiB.";
    }

    /// <summary>Whether the host gave a guest without quota enough to compare with.</summary>
    internal static bool IsFree(Window window) => window.Cores >= LeastFreeCores;

    private static async Task ResizeAsync(
        DemoContext demo, string node, ResizeBody request, IStepView view, double from, CancellationToken cancel)
    {
        var accepted = await demo.Api.ResizeAsync(demo.Name(node), request, cancel);
        await demo.FinishAsync(
            accepted.Operation,
            resize => view.At(
                from + (resize.Progress * 0.2), $"{node} to {request.MemoryMiB} MiB, quota {request.CpuQuotaPercent}%"),
            Patience, cancel);
    }

    // Measures until the host had CPU to give. A quota that stays in force never does.
    private static async Task<Window> FreeAsync(DemoContext demo, string name, NodeId node, CancellationToken cancel)
    {
        var window = await MeasureAsync(demo, name, node, cancel);
        for (var started = demo.Time.GetTimestamp(); demo.Site.HasGuests && !IsFree(window);)
        {
            DemoFailedException.Unless(
                demo.Time.GetElapsedTime(started) < Patience,
                $"In {Patience.TotalSeconds:0} s without a quota, {name} never got {LeastFreeCores} cores of its host, "
                + $"at last {window.Cores:0.00}: a quota is still in force, or the machine is busy with other work.");
            window = await MeasureAsync(demo, name, node, cancel);
        }

        return window;
    }

    // Waits for fresh seconds: those counted before, and the one that ran when the measuring began, do not count.
    private static async Task<Window> MeasureAsync(
        DemoContext demo, string name, NodeId node, CancellationToken cancel)
    {
        if (!demo.Site.HasGuests) return default;
        var old = (await demo.Guests.ReadAsync(demo.Name(name), cancel)).WorkLines;
        await FreshAsync(demo, name, old + 1, cancel);
        var (cpu, started) = (demo.Site.CpuTime(node), demo.Time.GetTimestamp());
        var facts = await FreshAsync(demo, name, old + 1 + Samples, cancel);
        var cores = (demo.Site.CpuTime(node) - cpu) / demo.Time.GetElapsedTime(started);
        return new Window(facts.Work[^Samples..].Order().ElementAt(Samples / 2), cores ?? 0, facts.MemoryKiB / 1024.0);
    }

    private static async Task<GuestFacts> FreshAsync(
        DemoContext demo, string name, int lines, CancellationToken cancel)
    {
        GuestFacts facts = new();
        await demo.WaitAsync(
            $"{Samples} seconds of work by {name}", Patience,
            async () =>
            {
                facts = await demo.Guests.ReadAsync(demo.Name(name), cancel);
                return facts.WorkLines >= lines ? null : $"{facts.WorkLines} of {lines} lines";
            },
            cancel);
        return facts;
    }
}
