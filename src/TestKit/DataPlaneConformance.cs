using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using static VioActors.TestKit.DataPlaneScene;

namespace VioActors.TestKit;

/// <summary>Two hosts' data planes that reach each other, and how to run nodes on them.</summary>
public sealed record DataPlaneBench
{
    /// <summary>One host.</summary>
    public required DataPlaneHost First { get; init; }

    /// <summary>Another.</summary>
    public required DataPlaneHost Second { get; init; }

    /// <summary>
    /// Runs a node in its port on a host: it has the entry's MAC and address, announces itself as a machine does that
    /// starts or arrives there, and answers ARP and ICMP from then on or soon after.
    /// </summary>
    public required Func<HostId, EnvironmentId, SwitchEntry, Task> Start { get; init; }

    /// <summary>Ends a node at once, wherever it runs; nothing when it does not run.</summary>
    public required Func<SwitchEntry, Task> Stop { get; init; }

    /// <summary>How long a node that runs may take to answer.</summary>
    public TimeSpan Ready { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long nothing must be heard of a node that shall not answer.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMilliseconds(600);
}

/// <summary>One of the hosts.</summary>
/// <param name="Id">The host.</param>
/// <param name="Endpoint">Its switch's address, as the other host reaches it.</param>
/// <param name="Switch">Its data plane.</param>
public sealed record DataPlaneHost(HostId Id, string Endpoint, IDataPlane Switch);

/// <summary>
/// What every data plane must do, whatever carries the frames. Each case makes its own environments and removes them;
/// run the cases of one object one after the other. Needs no test framework: let what they throw end the test.
/// </summary>
public sealed class DataPlaneConformance(DataPlaneBench bench)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private readonly DataPlaneScene _scene = new(bench);

    /// <summary>The cases, by name.</summary>
    public IReadOnlyList<(string Name, Func<Task> Run)> Cases =>
    [
        ("what was never applied is refused", Case(UnknownAsync)),
        ("a ping out of its limits is refused", Case(LimitsAsync)),
        ("a wait and a ping can be cancelled", Case(CancelledAsync)),
        ("who answers is ready, who does not is not", Case(ReadyAsync)),
        ("nodes are reached from both hosts", Case(ReachedAsync)),
        ("the same state twice is the same as once", Case(TwiceAsync)),
        ("an older state is ignored, by generation and by version", Case(OlderAsync)),
        ("equal addresses of two environments do not meet", Case(ApartAsync)),
        ("a node that changes its host is reached there", Case(MoveAsync)),
        ("a node that left the table has no port", Case(UnpluggedAsync)),
        ("a removed environment leaves no port", Case(RemovedAsync)),
    ];

    private async Task UnknownAsync()
    {
        var environment = _scene.NewEnvironment(_scene.NewEntry(1, bench.First));
        await SeesPortsAsync(bench.First, environment, null);
        await RefusedAsync(() => PingAsync(bench.First, environment, 1));
        await _scene.SilentAsync(bench.First, environment, 1);
        await _scene.ApplyAsync(environment);
        await RefusedAsync(() => PingAsync(bench.First, environment, 99));
        await _scene.SilentAsync(bench.First, environment, 99);
    }

    private async Task LimitsAsync()
    {
        var environment = _scene.NewEnvironment(_scene.NewEntry(1, bench.First));
        await _scene.ApplyAsync(environment);
        foreach (var count in (int[])[0, int.MaxValue])
            await RefusedAsync(() => PingAsync(bench.First, environment, 1, count));
        await RefusedAsync(() => PingAsync(bench.First, environment, 1, 1, Interval / 10));
    }

    private async Task CancelledAsync()
    {
        var environment = await TwoNodesAsync();
        await _scene.StopAsync(environment.Entries[1]);
        using var stop = new CancellationTokenSource();
        var wait = bench.First.Switch.AwaitReadyAsync(environment.Environment, Ip(2), bench.Ready, stop.Token);
        var ping = bench.First.Switch.PingAsync(environment.Environment, Ip(1), 5000, Interval, stop.Token);
        // Another series beside them gives both time to be under way.
        await PingAsync(bench.First, environment, 1, 10);
        Expect(!wait.IsCompleted && !ping.IsCompleted, "a wait and a ping under way", "ended ones");
        await stop.CancelAsync();
        await FailsAsync<OperationCanceledException>(() => wait);
        await FailsAsync<OperationCanceledException>(() => ping);
    }

    private async Task ReadyAsync()
    {
        var entry = _scene.NewEntry(1, bench.First);
        var environment = _scene.NewEnvironment(entry);
        await _scene.ApplyAsync(environment);
        await SeesPortsAsync(bench.First, environment, (entry, true));
        await _scene.SilentAsync(bench.First, environment, 1);
        await _scene.StartAsync(bench.First, environment, entry);
        await _scene.AnswersAsync(bench.First, environment, 1);
        await _scene.StopAsync(entry);
        await _scene.SilentAsync(bench.First, environment, 1);
        var lost = await PingAsync(bench.First, environment, 1, 5);
        Expect(lost is { Sent: 5, Received: 0, LongestGapMs: > 0 }, "5 lost pings and their gap", $"{lost}");
    }

    private async Task ReachedAsync()
    {
        var environment = await TwoNodesAsync();
        foreach (var from in _scene.Hosts)
            for (var node = 1; node <= 2; node++)
            {
                var figures = await PingAsync(from, environment, node, 20);
                Expect(
                    figures is { Sent: 20, Received: 20, Duplicates: 0, RttP50Us: > 0 },
                    $"20 answers of node {node} at host {from.Id}", $"{figures}");
            }
    }

    private async Task TwiceAsync()
    {
        var environment = await TwoNodesAsync();
        var (near, far) = (environment.Entries[0], environment.Entries[1]);
        var pings = PingAsync(bench.First, environment, 2, 50);
        await _scene.ApplyAgainAsync();
        await _scene.ApplyAgainAsync();
        var figures = await pings;
        Expect(figures is { Received: 50, Duplicates: 0 }, "50 answers while the state came again", $"{figures}");
        await SeesPortsAsync(bench.First, environment, (near, true));
        await SeesPortsAsync(bench.Second, environment, (far, true));
    }

    private async Task OlderAsync()
    {
        var environment = await TwoNodesAsync();
        var (generation, version) = _scene.Latest;
        foreach (var (g, v) in ((long, long)[])[(generation, version - 1), (generation - 1, version + 100)])
        {
            await bench.Second.Switch.ApplyAsync(new SwitchWanted { Generation = g, Version = v }, None);
            await SeesPortsAsync(bench.Second, environment, (environment.Entries[1], true));
            await _scene.AnswersAsync(bench.First, environment, 2);
        }
        // Control: the same empty state counts when it is newer, and a newer generation may count from 1 again.
        await _scene.ApplyInNextGenerationAsync();
        await SeesPortsAsync(bench.Second, environment, null);
        await _scene.SilentAsync(bench.Second, environment, 2);
    }

    private async Task ApartAsync()
    {
        SwitchEnvironment New() =>
            _scene.NewEnvironment(_scene.NewEntry(1, bench.First), _scene.NewEntry(2, bench.Second));
        var (astro, boson) = (New(), New());
        await _scene.ApplyAsync(astro, boson);
        await _scene.StartAsync(bench.Second, astro, astro.Entries[1]);
        await _scene.StartAsync(bench.First, boson, boson.Entries[0]);
        // Each silence has its control: the same address answers in the other environment.
        await _scene.AnswersAsync(bench.First, astro, 2);
        await _scene.AnswersAsync(bench.Second, boson, 1);
        foreach (var from in _scene.Hosts)
        {
            await _scene.SilentAsync(from, astro, 1);
            await _scene.SilentAsync(from, boson, 2);
        }
        await _scene.StopAsync(astro.Entries[1]);
        await _scene.StartAsync(bench.Second, boson, boson.Entries[1]);
        await _scene.AnswersAsync(bench.First, boson, 2);
        await _scene.SilentAsync(bench.First, astro, 2);
    }

    private async Task MoveAsync()
    {
        var environment = await TwoNodesAsync();
        var (there, other) = (environment.Entries[0], environment.Entries[1]);
        var leaving = there with { PreboundHost = bench.Second.Id };
        await _scene.ApplyAsync(environment with { Entries = [leaving, other] });
        await SeesPortsAsync(bench.First, environment, (there, true));
        await SeesPortsAsync(bench.Second, environment, (there, false), (other, true));
        foreach (var from in _scene.Hosts) await _scene.AnswersAsync(from, environment, 1);

        // It arrives; the data plane finds it without being told.
        await _scene.StopAsync(there);
        await _scene.StartAsync(bench.Second, environment, leaving);
        foreach (var from in _scene.Hosts) await _scene.AnswersAsync(from, environment, 1);
        await SeesPortsAsync(bench.Second, environment, (there, true), (other, true));

        var arrived = there with { Host = bench.Second.Id, Sequence = there.Sequence + 1 };
        var pings = PingAsync(bench.First, environment, 1, 50);
        await _scene.ApplyAsync(environment with { Entries = [arrived, other] });
        var figures = await pings;
        Expect(figures is { Received: 50, Duplicates: 0 }, "50 answers while the table followed", $"{figures}");
        await SeesPortsAsync(bench.First, environment);
        await SeesPortsAsync(bench.Second, environment, (there, true), (other, true));
        await _scene.AnswersAsync(bench.Second, environment, 1);
    }

    private async Task UnpluggedAsync()
    {
        var environment = await TwoNodesAsync();
        await _scene.ApplyAsync(environment with { Entries = [environment.Entries[0]] });
        await SeesPortsAsync(bench.Second, environment);
        await RefusedAsync(() => PingAsync(bench.First, environment, 2));
        foreach (var from in _scene.Hosts)
        {
            await _scene.SilentAsync(from, environment, 2);
            await _scene.AnswersAsync(from, environment, 1);
        }
    }

    private async Task RemovedAsync()
    {
        var (gone, kept) = (await TwoNodesAsync(), _scene.NewEnvironment(_scene.NewEntry(3, bench.Second)));
        await _scene.ApplyAsync(gone, kept);
        await _scene.StartAsync(bench.Second, kept, kept.Entries[0]);
        await _scene.AnswersAsync(bench.First, gone, 2);
        await _scene.ApplyAsync(kept);
        foreach (var from in _scene.Hosts)
        {
            await SeesPortsAsync(from, gone, null);
            await RefusedAsync(() => PingAsync(from, gone, 2));
            await _scene.SilentAsync(from, gone, 2);
            await _scene.AnswersAsync(from, kept, 3);
        }
    }

    /// <summary>An environment with node 1 on the first host and node 2 on the second, both seen from both.</summary>
    private async Task<SwitchEnvironment> TwoNodesAsync()
    {
        var environment = _scene.NewEnvironment(
            _scene.NewEntry(1, bench.First), _scene.NewEntry(2, bench.Second));
        await _scene.ApplyAsync(environment);
        await _scene.StartAsync(bench.First, environment, environment.Entries[0]);
        await _scene.StartAsync(bench.Second, environment, environment.Entries[1]);
        foreach (var from in _scene.Hosts)
            for (var node = 1; node <= 2; node++) await _scene.AnswersAsync(from, environment, node);
        return environment;
    }

    private Func<Task> Case(Func<Task> body) => async () =>
    {
        try
        {
            await body();
        }
        finally
        {
            await _scene.ClearAsync();
        }
    };

    private static Task<PingFigures> PingAsync(
        DataPlaneHost from, SwitchEnvironment environment, int node, int count = 1, TimeSpan? interval = null) =>
        from.Switch.PingAsync(
            environment.Environment, Ip(node), count, interval ?? Interval, None);

    private static Task RefusedAsync(Func<Task> act) => FailsAsync<DataPlaneException>(act);

    private static async Task FailsAsync<T>(Func<Task> act) where T : Exception
    {
        try
        {
            await act();
        }
        catch (T)
        {
            return;
        }
        throw new ConformanceException($"expected a {typeof(T).Name}, the call succeeded");
    }

    private static void Expect(bool holds, string expected, string actual)
    {
        if (!holds) throw new ConformanceException($"expected {expected}, saw {actual}");
    }
}
