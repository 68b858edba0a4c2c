using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Adapt;

/// <summary>The move of the crowding guest.</summary>
/// <param name="Seconds">From automatic mode to its end.</param>
/// <param name="GivenMiB">Memory that others gave for it.</param>
internal sealed record MoveSeen(double Seconds, int GivenMiB);

/// <summary>
/// Guests with scripted loads on two hosts of one core. On the first: one always busy, one that is busy now and then,
/// and one that crowds them and fits on the second host only when the idle guests there give memory. These get busy
/// with memory later, one after the other.
/// </summary>
internal sealed class AdaptGuests(BenchRun run, DemoContext demo)
{
    private const int SteppingMiB = 192;
    private const int GivingMiB = 1536;
    private const int LeastMiB = 256;
    private const int HeldMiB = 185;
    // Half of the least that a guest gets which used all it had: a guest takes back its balloon page by page.
    private const int MoreMiB = 50;
    // With the emulator's overhead more than is free beside the giving guests, by nearly all they can give.
    private const int CrowdingMiB = 3260;
    // The least change that the policy makes; weights of others change with less of a reason.
    private const double MoreWeight = 1.2;
    // On a host of two guests 100 is half of it.
    private const int IdleWeight = 80;
    private const int MostOperations = 200;
    private const string Crowd = "crowd";
    private const string Stepping = "step";
    private static readonly string[] Giving = ["m1", "m2"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Manual = TimeSpan.FromSeconds(8);

    /// <summary>The usual policy; guests keep enough memory that a step fits into it at all.</summary>
    public static PolicyChoice Policy { get; } = new(
        "vio", ImmutableSortedDictionary<string, string>.Empty.Add("leastGuestMiB", $"{LeastMiB}"));

    /// <summary>Guests that stay.</summary>
    public static EnvironmentSpec Steady(EnvironmentSpec like) => like with
    {
        Nodes =
        [
            Node("busy", SteppingMiB, "h1", "vio.load=3600:100"),
            Node(Stepping, SteppingMiB, "h1", "vio.load=45:0,15:100"),
            .. Giving.Select((name, number) => Node(
                name, GivingMiB, "h2", $"vio.load={180 + (number * 10)}:0,3600:0:{HeldMiB}")),
        ],
    };

    /// <summary>The guest that is too much for its host.</summary>
    public static EnvironmentSpec Crowding(EnvironmentSpec like) => like with
    {
        Name = Crowd,
        Nodes = [Node(Crowd, CrowdingMiB, null, "vio.load=3600:25")],
    };

    /// <summary>What the manager says of a node.</summary>
    public static string Told(ExplainView view) =>
        string.Join("; ", view.Rejected.Select(one => $"{one.Place}: {one.Why}").Prepend(view.Why));

    /// <summary>Moves by the manager that ended well: the node of each.</summary>
    public static async Task<IReadOnlyList<string>> MovesAsync(ApiClient api, CancellationToken cancel) =>
        [.. (await api.OperationsAsync(null, MostOperations, cancel))
            .Where(op => op is { Kind: OperationKind.Move, Phase: OperationPhase.Done }
                && op.By == Principal.Adaptation.ToString())
            .Select(op => op.Subject)];

    /// <summary>Starts all; they are ready then.</summary>
    public async Task CreateAsync(EnvironmentSpec crowding)
    {
        await Environments.CreateAsync(run, demo, demo.Astro, Patience);
        await Environments.CreateAsync(run, demo, crowding, Patience);
    }

    /// <summary>Control: a crowded host, and a manager that is not asked to do anything.</summary>
    /// <returns>CPU that was wanted and not given, in cores.</returns>
    public async Task<double> ControlAsync()
    {
        await Task.Delay(Manual, run.Time, run.Cancel);
        var nodes = await SamplesAsync(null, (int)Manual.TotalSeconds);
        var operations = await demo.Api.OperationsAsync(null, MostOperations, run.Cancel);
        if (operations.Any(op => op.By == Principal.Adaptation.ToString())
            || nodes.Any(node => node.Samples.Any(one => one.CpuWeight is { } weight and not 100)))
            throw new BenchException("Control: something changed although the manager was manual.");
        var waited = nodes.Where(node => !node.Samples.IsEmpty)
            .Sum(node => node.Samples.Average(one => one.CpuWaitedCores));
        run.Note($"control: nothing changed while {waited:0.00} cores were wanted and not given");
        return waited;
    }

    /// <summary>Waits until the manager made room for the crowding guest and moved it.</summary>
    public async Task<MoveSeen> MovedAsync()
    {
        var started = run.Time.GetTimestamp();
        await demo.WaitAsync("the manager to move a guest off a full host", Patience, async () =>
        {
            if ((await MovesAsync(demo.Api, run.Cancel)).Count > 0) return null;
            return (await demo.Api.Adapt.ShowAsync(run.Cancel)).LastRound is { Refused: null }
                ? Told(await demo.Api.Adapt.ExplainAsync(Crowd, Crowd, run.Cancel))
                : "no round yet";
        }, run.Cancel);
        var took = run.Time.GetElapsedTime(started).TotalSeconds;
        var nodes = await SamplesAsync(demo.Astro.Name, 5);
        var given = nodes.Where(node => Giving.Contains(node.Name))
            .Sum(node => GivingMiB - (node.Samples is [.., { } last] ? last.MemoryMiB : GivingMiB));
        run.Note($"moved off a full host after {took:0} s, into {given} MiB of idle guests");
        return new MoveSeen(took, given);
    }

    /// <summary>Takes the crowding guest away, so that memory is free again.</summary>
    public async Task MakeRoomAsync()
    {
        var gone = await demo.Api.DeleteEnvironmentAsync(Crowd, run.Cancel);
        await demo.FinishAsync(gone.Operation, _ => { }, Patience, run.Cancel);
    }

    /// <summary>The next so many steps of CPU.</summary>
    public async Task<IReadOnlyList<StepSeen>> CpuStepsAsync(int steps)
    {
        var watch = new StepWatch(run, demo, Stepping, "VIO load 100");
        var all = new List<StepSeen>();
        while (all.Count < steps)
        {
            await demo.WaitAsync("an idle guest's share to go to others", Patience, async () =>
            {
                var node = await demo.Api.NodeAsync(demo.Name(Stepping), run.Cancel);
                return node.CpuWeight < IdleWeight ? null : $"weight {node.CpuWeight}";
            }, run.Cancel);
            var seen = await watch.NextAsync((before, now) => now.CpuWeight > MoreWeight * before.CpuWeight);
            run.Note($"CPU step: {seen.Seconds:0.00} s, weight {seen.Before.CpuWeight} to {seen.After.CpuWeight}");
            all.Add(seen);
        }

        return all;
    }

    /// <summary>The step of memory of each guest that gave some.</summary>
    public async Task<IReadOnlyList<StepSeen>> MemoryStepsAsync() => await Task.WhenAll(Giving.Select(async name =>
    {
        var seen = await new StepWatch(run, demo, name, "VIO load 0").NextAsync(
            (before, now) => now.MemoryMiB >= before.MemoryMiB + MoreMiB);
        run.Note(
            $"memory step of {name}: {seen.Seconds:0.00} s, {seen.Before.MemoryMiB} to {seen.After.MemoryMiB} MiB, "
            + $"{seen.After.MemoryUsedMiB:0} used");
        return seen;
    }));

    private async Task<ImmutableArray<NodeLoadView>> SamplesAsync(string? environment, int seconds) =>
        (await demo.Api.SamplesAsync(environment, null, seconds, run.Cancel)).Nodes;

    private static NodeSpec Node(string name, int memoryMiB, string? host, string arguments) => new()
    {
        Name = name,
        Image = "tiny",
        MemoryMiB = memoryMiB,
        Host = host,
        KernelArguments = arguments,
    };
}
