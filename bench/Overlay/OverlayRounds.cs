namespace VioActors.Bench.Overlay;

/// <summary>
/// Measures every system in turn, round after round, so that what else the machine does meets all of them.
/// </summary>
internal sealed class OverlayRounds(BenchRun run, IReadOnlyList<OverlaySystem> systems)
{
    /// <summary>All values.</summary>
    public OverlaySamples Samples { get; } = new();

    /// <summary>Why one of ours could not be measured; null when all were.</summary>
    public string? Failure { get; private set; }

    /// <summary>Runs one round of all measurements; another system goes first in each. Round 0 warms up.</summary>
    public async Task RunAsync(int round, IReadOnlyList<Measure> measures)
    {
        foreach (var measure in measures)
        {
            for (var i = 0; i < systems.Count; i++)
                await MeasureAsync(round, measure, systems[(i + round) % systems.Count]);
        }
    }

    private async Task MeasureAsync(int round, Measure measure, OverlaySystem system)
    {
        try
        {
            var values = await measure.RunAsync(system, run.Cancel);
            foreach (var (figure, value) in values) Samples.Add(round, system, figure, value);
            run.Note($"round {round} {system.Name}: "
                + string.Join(", ", values.Select(one => $"{one.Figure} {Figures.ThreeDigits(one.Value)}")));
        }
        catch (Exception failed) when (failed is BenchException or Daemon.Shell.ProcessFailedException)
        {
            run.Note($"round {round} {system.Name}: {measure.Name} failed: {failed.Message}");
            if (system.Kind == SystemKind.Ours) Failure ??= $"{measure.Name} over {system.Name}: {failed.Message}";
        }
    }
}
