using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Simulation;
using VioActors.TestKit;

namespace VioActors.Actors.Host.Tests;

/// <summary>
/// The agent's promises, over simulated hosts: repeats, stale runs, crashes between note and act, moves.
/// </summary>
public sealed class AgentTests : IAsyncDisposable
{
    private static readonly SimSpeeds Fast = new()
    {
        Boot = TimeSpan.FromMilliseconds(10),
        Balloon = TimeSpan.FromMilliseconds(2),
        CopyMiBps = 10_000,
        Downtime = TimeSpan.FromMilliseconds(2),
        Shutdown = TimeSpan.FromMilliseconds(2),
    };

    private readonly SimWorld _world = new(TimeProvider.System, Fast);
    private readonly SimHost _one;
    private readonly SimHost _two;
    private readonly SimRunLedger _ledger = new();
    private readonly NodeShape _shape = SampleShape.New();
    private HostAgent _agent;
    private readonly HostAgent _other;

    public AgentTests()
    {
        _one = _world.AddHost(new("a"));
        _two = _world.AddHost(new("b"));
        _agent = New();
        _other = new HostAgent(new SimHypervisor(_two), new SimRunLedger(), new SimDataPlane(_two));
    }

    private AwaitReady Ready(long run) =>
        new()
        {
            Node = _shape.Node,
            Run = run,
            Environment = _shape.Environment,
            Ip = "10.0.0.9",
            TimeoutSeconds = 3600,
        };

    public static TheoryData<string> Commands =>
        ["prepare", "start", "stop", "resize", "receive", "remove", "abort", "observe"];

    [Theory, MemberData(nameof(Commands))]
    public async Task EveryCommandMayComeTwiceAsync(string name)
    {
        await DoneAsync(new StartNode { Node = _shape.Node, Run = 1, Shape = _shape });
        await Task.Delay(Fast.Boot * 2, TimeProvider.System, CancellationToken.None);
        if (name == "receive") await DoneAsync(new StopNode { Node = _shape.Node, Run = 1 });
        var first = await DoneAsync(Command(name));
        var second = await DoneAsync(Command(name));
        Assert.Equal(first.Observation, second.Observation);
        Assert.Empty(_world.Violations);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("remove")]
    [InlineData("ready")]
    public async Task ALaterRunEndsTheWaitForANodeThatNeverBootsAsync(string name)
    {
        await DoneAsync(new PrepareNode { Node = _shape.Node, Run = 1, Shape = _shape });
        var waiting = _agent.DoAsync(1, Ready(run: 1));
        Assert.False(waiting.IsCompleted);
        await DoneAsync(new ObserveNode { Node = _shape.Node });
        Assert.False(waiting.IsCompleted);

        var later = name == "ready" ? Ready(run: 2) : Command(name) with { Run = 2 };
        var ending = _agent.DoAsync(1, later);
        var ended = await waiting.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        Assert.Equal(FailureCode.StaleRun, ended.Failure?.Code);
        Assert.Contains("generation 1 run 2", ended.Failure!.Reason);
        if (name != "ready") Assert.Null((await ending).Failure);
    }

    [Theory, MemberData(nameof(Commands))]
    public async Task ALowerPairIsRefusedAlsoAfterARestartAsync(string name)
    {
        if (name == "observe") return;
        await DoneAsync(new PrepareNode { Node = _shape.Node, Run = 5, Shape = _shape }, generation: 2);
        await _agent.DisposeAsync();
        _agent = New();
        foreach (var (generation, run) in new[] { (2L, 4L), (1L, 9L) })
        {
            var refused = await _agent.DoAsync(generation, Command(name) with { Run = run });
            Assert.Equal(FailureCode.StaleRun, refused.Failure?.Code);
            Assert.Contains("generation 2 run 5", refused.Failure!.Reason);
            Assert.Contains($"generation {generation} run {run}", refused.Failure.Reason);
        }
        Assert.Equal(0, _world.RunningCopies(_shape.Node));
    }

    [Theory]
    [InlineData(SimCall.Prepare, "prepare")]
    [InlineData(SimCall.Start, "start")]
    [InlineData(SimCall.Remove, "remove")]
    [InlineData(SimCall.PrepareIncoming, "receive")]
    public async Task AfterACrashBetweenNoteAndActTheRepeatActsAsync(SimCall call, string name)
    {
        _one.FailNext(call);
        Assert.Equal("sim-fault", (await _agent.DoAsync(1, Command(name))).Failure?.Code);
        Assert.Equal(new RunPair(1, 1), _ledger.Find(_shape.Node)!.Pair);
        await _agent.DisposeAsync();
        _agent = New();
        await DoneAsync(Command(name));
    }

    [Fact]
    public async Task NothingIsDoneWhenThePairCannotBeStoredAsync()
    {
        _ledger.FailNext = 1;
        var failed = await _agent.DoAsync(1, Command("start"));
        Assert.Equal("ledger-full", failed.Failure?.Code);
        Assert.Equal(0, _world.RunningCopies(_shape.Node));
        await DoneAsync(Command("start"));
        Assert.Equal(1, _world.RunningCopies(_shape.Node));
    }

    [Fact]
    public async Task ARepeatedMoveAttachesAndThenRepeatsItsEndAsync()
    {
        var send = await ReadyToMoveAsync();
        var (first, second) = (_agent.DoAsync(1, send), _agent.DoAsync(1, send));
        Assert.Equal((await first).Move, (await second).Move);
        Assert.True((await first).Move?.MemoryBytes > 0);
        Assert.Equal((await first).Move, (await DoneAsync(send)).Move);
        Assert.Equal(
            (0, 1, 1),
            (_world.MostCopies(_shape.Node) - 1, _world.MostCopies(_shape.Node), _world.RunningCopies(_shape.Node)));
        Assert.Empty(_agent.Progress);
    }

    [Fact]
    public async Task AMoveThatARestartInterruptedIsNotBegunAgainAsync()
    {
        var send = await ReadyToMoveAsync();
        _one.FailNext(SimCall.Move);
        var failed = await _agent.DoAsync(1, send);
        Assert.Equal("sim-fault", failed.Failure?.Code);
        Assert.Null(failed.Observation!.ActiveMove);
        await _agent.DisposeAsync();
        _agent = New();
        var again = await _agent.DoAsync(1, send);
        Assert.Equal("move-interrupted", again.Failure?.Code);
        Assert.Equal(NodePresence.Running, again.Observation?.Presence);
    }

    [Fact]
    public async Task AnAbortEndsTheJobAndTheNodeStaysAsync()
    {
        var send = await ReadyToMoveAsync(bandwidth: 100);
        var moving = _agent.DoAsync(1, send);
        for (var from = TimeProvider.System.GetTimestamp();
            _agent.Progress.IsEmpty && TimeProvider.System.GetElapsedTime(from).TotalSeconds < 20;)
            await Task.Yield();
        await DoneAsync(new AbortMove { Node = _shape.Node, Run = 2, Move = send.Move });
        Assert.Equal("move-aborted", (await moving).Failure?.Code);
        Assert.True((await DoneAsync(new ObserveNode { Node = _shape.Node })).Observation
            is { Presence: NodePresence.Running });
    }

    [Fact]
    public async Task AnAbortThatOvertakesItsMoveHoldsAsync()
    {
        var send = await ReadyToMoveAsync(bandwidth: 100);
        await DoneAsync(new AbortMove { Node = _shape.Node, Run = 2, Move = send.Move });
        Assert.Equal("move-aborted", (await _agent.DoAsync(1, send)).Failure?.Code);
        Assert.Empty(_agent.Progress);
        Assert.True((await DoneAsync(new ObserveNode { Node = _shape.Node })).Observation
            is { Presence: NodePresence.Running });
    }

    [Fact]
    public async Task TheInventoryHoldsDomainsAndRunsButNotWhatWasRemovedAsync()
    {
        await DoneAsync(Command("start"));
        var kept = SampleShape.New();
        await DoneAsync(new PrepareNode { Node = kept.Node, Run = 7, Shape = kept });
        var all = await _agent.InventoryAsync(CancellationToken.None);
        Assert.Equal(2, all.Length);
        Assert.Contains(all, one => one.Node == kept.Node && one is { Run: 7, Presence: NodePresence.Absent });
        await DoneAsync(new RemoveNode { Node = kept.Node, Run = 8 });
        Assert.Equal(_shape.Node, Assert.Single(await _agent.InventoryAsync(CancellationToken.None)).Node);
        Assert.Equal(FailureCode.StaleRun,
            (await _agent.DoAsync(1, new StartNode { Node = kept.Node, Run = 7, Shape = kept })).Failure?.Code);
    }

    [Fact]
    public async Task ACleanUpAfterAMoveSparesWhatRunsAndDoesNotTouchItsRunAsync()
    {
        await DoneAsync(Command("start"));
        var cleanUp = new RemoveNode { Node = _shape.Node, Run = 9, SparesRunning = true };
        var spared = await _agent.DoAsync(2, cleanUp);
        Assert.Equal(FailureCode.StillRuns, spared.Failure?.Code);
        Assert.Equal((NodePresence.Running, 1), (spared.Observation!.Presence, spared.Observation.Generation));
        Assert.Null((await _agent.DoAsync(2, new StopNode { Node = _shape.Node, Run = 9 })).Failure);
        Assert.Null((await _agent.DoAsync(2, cleanUp)).Failure);
        Assert.Empty(await _agent.InventoryAsync(CancellationToken.None));
    }

    [Fact]
    public async Task ALookAfterARemovalShowsThatNothingIsKeptAsync()
    {
        var send = await ReadyToMoveAsync();
        await DoneAsync(send);
        var before = (await DoneAsync(new ObserveNode { Node = _shape.Node })).Observation!;
        Assert.Equal(_shape.Environment, before.Environment);
        await DoneAsync(new RemoveNode { Node = _shape.Node, Run = 3, SparesRunning = true });
        var after = (await DoneAsync(new ObserveNode { Node = _shape.Node })).Observation!;
        Assert.Equal((NodePresence.Absent, null, 3, 1),
            (after.Presence, after.Environment, after.Run, after.Generation));
    }

    [Fact]
    public async Task AChangeWithoutARunIsRefusedAsync() =>
        Assert.Equal("no-run", (await _agent.DoAsync(1, new StopNode { Node = _shape.Node })).Failure?.Code);

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _other.DisposeAsync();
    }

    private async Task<SendMove> ReadyToMoveAsync(int? bandwidth = null)
    {
        var move = OperationId.Of(Guid.NewGuid());
        await DoneAsync(Command("start"));
        var ready = await _other.DoAsync(
            1, new ReceiveMove { Node = _shape.Node, Run = 2, Move = move, Shape = _shape, From = _one.Id });
        Assert.Null(ready.Failure);
        return new SendMove
        {
            Node = _shape.Node,
            Run = 2,
            Move = move,
            Shape = _shape,
            To = _two.Id,
            ToEndpoint = "",
            BandwidthMiBps = bandwidth,
        };
    }

    private HostAgent New() => new(new SimHypervisor(_one), _ledger, new SimDataPlane(_one));

    private AgentCommand Command(string name) => name switch
    {
        "prepare" => new PrepareNode { Node = _shape.Node, Run = 1, Shape = _shape },
        "start" => new StartNode { Node = _shape.Node, Run = 1, Shape = _shape },
        "stop" => new StopNode { Node = _shape.Node, Run = 1 },
        "remove" => new RemoveNode { Node = _shape.Node, Run = 1 },
        "resize" => new ResizeNode { Node = _shape.Node, Run = 1, MemoryMiB = 200, CpuWeight = 50 },
        "receive" =>
            new ReceiveMove { Node = _shape.Node, Run = 1, Move = new("op-1"), Shape = _shape, From = _two.Id },
        "abort" => new AbortMove { Node = _shape.Node, Run = 1, Move = new("op-1") },
        _ => new ObserveNode { Node = _shape.Node },
    };

    private async Task<AgentOutcome> DoneAsync(AgentCommand command, long generation = 1)
    {
        var outcome = await _agent.DoAsync(generation, command);
        Assert.True(outcome.Failure is null, $"{command.GetType().Name}: {outcome.Failure}");
        return outcome;
    }
}
