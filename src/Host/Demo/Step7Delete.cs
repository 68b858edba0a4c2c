using VioActors.Contracts;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>Deletes everything; nothing of ours is left.</summary>
internal static class Step7Delete
{
    private static readonly TimeSpan DeleteTime = TimeSpan.FromSeconds(90);

    /// <summary>Runs it; gives its result in words.</summary>
    public static async Task<string> RunAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        await IsolationControlAsync(demo, view, cancel);
        view.At(0.3, "both environments are deleted");
        await Task.WhenAll(new[] { demo.Astro, demo.Boson }.Select(spec => DeleteAsync(demo, spec, cancel)));
        var shown = await demo.Api.EnvironmentsAsync(cancel);
        DemoFailedException.Unless(shown.IsEmpty, $"{shown.Length} environments are still shown after their deletion.");

        var control = await demo.Site.LeftOverWithOneMoreAsync(cancel);
        demo.Notes.Add(
            ("control: left over with a TAP on purpose", control is { } more ? $"+{more}" : DemoFigures.NotApplicable));
        DemoFailedException.Unless(
            control is null or 1, $"A TAP left on purpose was counted as {control} things; it must be 1.");

        view.At(0.6, "the lab goes down");
        var left = await demo.Site.DownAsync(cancel);
        demo.Figures["left_over"] = left.Count;
        DemoFailedException.Unless(
            left.Count == 0, $"{left.Count} things are left over: {string.Join(", ", left.What)}.");
        return "nothing is left over";
    }

    // The last thing done to the environments, so that what crosses on purpose is in no figure.
    private static async Task IsolationControlAsync(DemoContext demo, IStepView view, CancellationToken cancel)
    {
        if (!demo.Site.HasGuests) return;
        var crossed = await Step2Isolation.CrossedAsync(demo, cancel);
        demo.Figures["frames_crossed"] = crossed;
        DemoFailedException.Unless(crossed == 0, $"{crossed} frames crossed during the run.");
        view.At(0.1, "control: isolation is switched off");
        var control = await demo.Site.CrossingsWithoutIsolationAsync(demo.Api, cancel);
        demo.Notes.Add(("control: frames crossed with isolation off", control?.ToString() ?? "not run"));
        DemoFailedException.Unless(
            control is null or > 0, "No frame crossed with isolation off: the counters see nothing.");
    }

    private static async Task DeleteAsync(DemoContext demo, EnvironmentSpec spec, CancellationToken cancel)
    {
        var accepted = await demo.Api.DeleteEnvironmentAsync(spec.Name, cancel);
        await demo.FinishAsync(accepted.Operation, _ => { }, DeleteTime, cancel);
    }
}
