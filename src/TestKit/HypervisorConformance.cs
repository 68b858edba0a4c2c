using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.TestKit;

/// <summary>Two hosts' hypervisors that can move nodes to each other, and how to make nodes for them.</summary>
public sealed record HypervisorBench
{
    /// <summary>The first host's.</summary>
    public required IHypervisor First { get; init; }

    /// <summary>The first host's id.</summary>
    public required HostId FirstHost { get; init; }

    /// <summary>The second host's; null skips the cases that move.</summary>
    public IHypervisor? Second { get; init; }

    /// <summary>The second host's id.</summary>
    public HostId SecondHost { get; init; }

    /// <summary>The second host's address for move streams.</summary>
    public string SecondEndpoint { get; init; } = "";

    /// <summary>A new node, with whatever its machine needs of the hosts' networks in place.</summary>
    public required Func<NodeShape> NewShape { get; init; }

    /// <summary>Returns when the guest's software runs, so that its balloon can answer.</summary>
    public required Func<IHypervisor, NodeShape, Task> Booted { get; init; }
}

/// <summary>
/// What every hypervisor must do, whatever is behind it. Each case makes its own node and removes it. Needs no test
/// framework: run the cases and let what they throw end the test.
/// </summary>
public sealed class HypervisorConformance(HypervisorBench bench)
{
    private const int SlowMiBps = 10;
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>The cases, by name.</summary>
    public IReadOnlyList<(string Name, Func<Task> Run)> Cases =>
    [
        ("facts name the hypervisor", FactsAsync),
        ("nothing is absent and may be stopped and removed", NothingAsync),
        ("every call may come twice", TwiceAsync),
        ("a stopped node starts again", AgainAsync),
        ("a resize is confirmed by the guest", ResizeAsync),
        ("a change of CPU alone does not wait for the guest", ResizeCpuAsync),
        ("a node that does not run cannot be resized", ResizeAbsentAsync),
        .. bench.Second is null ? [] : MovingCases,
    ];

    private (string, Func<Task>)[] MovingCases =>
    [
        ("a move changes the host and leaves one copy", MoveAsync),
        ("a move nobody prepared is refused and the node stays", UnpreparedAsync),
        ("an aborted way in is closed", AbortedAsync),
        ("an aborted copy leaves the node where it was", AbortedCopyAsync),
    ];

    private async Task FactsAsync()
    {
        var facts = await bench.First.FactsAsync(None);
        Expect(facts.Hypervisor.Length > 0, "a hypervisor's name", "none");
        Expect(facts.MachineTypes.Count > 0 && facts.CpuModels.Count > 0, "a machine type and a CPU model", "none");
    }

    private async Task NothingAsync()
    {
        var shape = bench.NewShape();
        await SeesAsync(bench.First, shape, NodePresence.Absent);
        await bench.First.StopAsync(shape.Node, TimeSpan.Zero, None);
        await bench.First.RemoveAsync(shape.Node, None);
        await bench.First.AbortMoveAsync(shape.Node, NewMove(), None);
    }

    private Task TwiceAsync() => WithNodeAsync(async shape =>
    {
        for (var i = 0; i < 2; i++) await bench.First.PrepareAsync(shape, None);
        await SeesAsync(bench.First, shape, NodePresence.Absent);
        for (var i = 0; i < 2; i++) await bench.First.StartAsync(shape, None);
        await SeesAsync(bench.First, shape, NodePresence.Running);
        var listed = await bench.First.ListAsync(None);
        Expect(listed.Count(one => one.Node == shape.Node) == 1, "the node once in the list", $"{listed.Count} others");
        for (var i = 0; i < 2; i++) await bench.First.StopAsync(shape.Node, TimeSpan.Zero, None);
        await SeesAsync(bench.First, shape, NodePresence.Absent);
        for (var i = 0; i < 2; i++) await bench.First.RemoveAsync(shape.Node, None);
        await SeesAsync(bench.First, shape, NodePresence.Absent);
    });

    private Task AgainAsync() => WithNodeAsync(async shape =>
    {
        await bench.First.StartAsync(shape, None);
        await bench.First.StopAsync(shape.Node, TimeSpan.Zero, None);
        await bench.First.StartAsync(shape, None);
        await SeesAsync(bench.First, shape, NodePresence.Running);
    });

    private Task ResizeAsync() => WithNodeAsync(async shape =>
    {
        await bench.First.StartAsync(shape, None);
        await bench.Booted(bench.First, shape);
        var less = shape.MaxMemoryMiB * 3 / 4;
        for (var i = 0; i < 2; i++) await bench.First.ResizeAsync(shape.Node, new NodeResources(less, 50, 50), None);
        var seen = await bench.First.ObserveAsync(shape.Node, None);
        Expect(seen.ActualMemoryMiB <= less, $"at most {less} MiB", $"{seen.ActualMemoryMiB} MiB");
        await bench.First.ResizeAsync(shape.Node, new NodeResources(shape.MaxMemoryMiB, 100, null), None);
    });

    private Task ResizeCpuAsync() => WithNodeAsync(async shape =>
    {
        await bench.First.StartAsync(shape, None);
        // A guest that has not booted has no balloon to wait for.
        await bench.First.ResizeAsync(shape.Node, new NodeResources(null, 50, 50), None);
        await SeesAsync(bench.First, shape, NodePresence.Running);
    });

    private async Task ResizeAbsentAsync()
    {
        var shape = bench.NewShape();
        await FailsAsync(() => bench.First.ResizeAsync(shape.Node, new NodeResources(64, 100, null), None));
    }

    private Task MoveAsync() => WithNodeAsync(async shape =>
    {
        var move = NewMove();
        await bench.First.StartAsync(shape, None);
        await bench.Booted(bench.First, shape);
        for (var i = 0; i < 2; i++)
            await bench.Second!.PrepareIncomingAsync(new IncomingMove(move, shape, bench.FirstHost), None);
        var last = 0.0;
        var figures = await bench.First.MoveAsync(
            Outgoing(move, shape), progress => last = Math.Max(last, progress.Done), None);
        Expect(figures.MemoryBytes > 0, "copied memory", "0 bytes");
        Expect(last is >= 0 and <= 1, "progress from 0 to 1", $"{last}");
        await SeesAsync(bench.First, shape, NodePresence.Absent);
        await SeesAsync(bench.Second!, shape, NodePresence.Running);
        await bench.First.RemoveAsync(shape.Node, None);
        await SeesAsync(bench.Second!, shape, NodePresence.Running);
    });

    private Task UnpreparedAsync() => WithNodeAsync(async shape =>
    {
        await bench.First.StartAsync(shape, None);
        await FailsAsync(() => bench.First.MoveAsync(Outgoing(NewMove(), shape), _ => { }, None));
        await SeesAsync(bench.First, shape, NodePresence.Running);
        await SeesAsync(bench.Second!, shape, NodePresence.Absent);
    });

    private Task AbortedAsync() => WithNodeAsync(async shape =>
    {
        var move = NewMove();
        await bench.First.StartAsync(shape, None);
        await bench.Second!.PrepareIncomingAsync(new IncomingMove(move, shape, bench.FirstHost), None);
        for (var i = 0; i < 2; i++) await bench.Second.AbortMoveAsync(shape.Node, move, None);
        await FailsAsync(() => bench.First.MoveAsync(Outgoing(move, shape), _ => { }, None));
        await SeesAsync(bench.First, shape, NodePresence.Running);
        await SeesAsync(bench.Second!, shape, NodePresence.Absent);
    });

    private Task AbortedCopyAsync() => WithNodeAsync(async shape =>
    {
        var move = NewMove();
        await bench.First.StartAsync(shape, None);
        await bench.Booted(bench.First, shape);
        await bench.Second!.PrepareIncomingAsync(new IncomingMove(move, shape, bench.FirstHost), None);
        var copying = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = Outgoing(move, shape) with { BandwidthMiBps = SlowMiBps };
        var moving = bench.First.MoveAsync(slow, seen => { if (seen.Done > 0) copying.TrySetResult(); }, None);
        await Task.WhenAny(copying.Task, moving);
        Expect(!moving.IsCompleted, "a copy at work", "a move that ended at once");
        await bench.First.AbortMoveAsync(shape.Node, move, None);
        await FailsAsync(() => moving);
        await bench.Second.AbortMoveAsync(shape.Node, move, None);
        await SeesAsync(bench.First, shape, NodePresence.Running);
        await SeesAsync(bench.Second, shape, NodePresence.Absent);
    });

    private OutgoingMove Outgoing(OperationId move, NodeShape shape) =>
        new(move, shape, bench.SecondHost, bench.SecondEndpoint, null);

    private static OperationId NewMove() => OperationId.Of(Guid.NewGuid());

    private async Task WithNodeAsync(Func<NodeShape, Task> run)
    {
        var shape = bench.NewShape();
        try
        {
            await run(shape);
        }
        finally
        {
            await bench.First.RemoveAsync(shape.Node, None);
            if (bench.Second is not null) await bench.Second.RemoveAsync(shape.Node, None);
        }
    }

    private static async Task SeesAsync(IHypervisor hypervisor, NodeShape shape, NodePresence expected)
    {
        var seen = await hypervisor.ObserveAsync(shape.Node, None);
        Expect(seen.Presence == expected, $"node {shape.Node} {expected}", $"{seen.Presence}");
    }

    private static async Task FailsAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (HypervisorException)
        {
            return;
        }
        throw new ConformanceException("expected a HypervisorException, the call succeeded");
    }

    private static void Expect(bool holds, string expected, string actual)
    {
        if (!holds) throw new ConformanceException($"expected {expected}, saw {actual}");
    }
}
