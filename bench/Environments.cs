using VioActors.Contracts;
using VioActors.Daemon.Demo;

namespace VioActors.Bench;

/// <summary>Environments that a measurement in a lab needs.</summary>
internal static class Environments
{
    /// <summary>Creates one; its nodes are ready then.</summary>
    /// <exception cref="BenchException">It is there already.</exception>
    /// <exception cref="DemoFailedException">It did not come up within <paramref name="patience"/>.</exception>
    public static async Task CreateAsync(BenchRun run, DemoContext demo, EnvironmentSpec spec, TimeSpan patience)
    {
        run.Note($"{spec.Nodes.Length} guests boot");
        var applied = await demo.Api.ApplyAsync(spec, dryRun: false, owner: null, run.Cancel);
        await demo.FinishAsync(
            applied.Operation ?? throw new BenchException($"Environment {spec.Name} exists already."), _ => { },
            patience, run.Cancel);
    }
}
