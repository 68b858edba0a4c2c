using System.Reflection;
using VioActors.Simulation;

namespace VioActors.Runtime.Tests;

public sealed class LoadTests : IAsyncDisposable
{
    private const int Actors = 1000;
    private readonly Site _site = new();

    [Fact]
    public async Task ManyActorsAreReadInFewCallsOfWhichFewRunAtOnce()
    {
        var system = await _site.StartAsync();
        var (calls, running, most) = (0, 0, 0);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _site.Store.Faults.Before = async operation =>
        {
            if (operation != "load-actors")
                return;
            Interlocked.Increment(ref calls);
            most = Math.Max(most, Interlocked.Increment(ref running));
            await gate.Task;
            Interlocked.Decrement(ref running);
        };
        var asked = AskAllAsync(system);
        await Site.EventuallyAsync(() => Task.FromResult(system.Stats), stats => stats.MailboxDepth == Actors);
        Assert.Equal(4, Volatile.Read(ref calls));
        gate.SetResult();
        await asked;
        Assert.Equal(4, most);
        Assert.InRange(calls, 8, 20);
        Assert.Equal(Actors, system.Stats.LoadedActors);
    }

    [Fact]
    public async Task AFailedReadIsRepeatedForEveryActorOfIt()
    {
        var system = await _site.StartAsync();
        var failures = 10;
        _site.Store.Faults.Before = operation => operation == "load-actors" && Interlocked.Decrement(ref failures) >= 0
            ? throw new StoreUnavailableException("memory", "a fault was injected", "Wait for its end.")
            : Task.CompletedTask;
        await AskAllAsync(system);
        Assert.True(failures < 0);
    }

    [Fact]
    public async Task AnActorThatCannotBeReadDoesNotHinderItsNeighbours()
    {
        var poison = Ledger.Key("a7");
        var store = DispatchProxy.Create<IStore, PickyStore>();
        ((PickyStore)store).Refuses(_site.Store, poison);
        await using var system = new ActorSystem(
            store, Ledger.Codec, ActorSystem.NewIncarnation(), _site.Time, Site.Fast).AddActor(_site.Ledger);
        await system.StartAsync();
        var stuck = system.ReadAsync<LedgerState>(poison);
        await Task.WhenAll(Enumerable.Range(0, Actors).Where(actor => actor != 7)
            .Select(actor => system.ReadAsync<LedgerState>(Ledger.Key($"a{actor}")))).WaitAsync(Site.Deadline);
        Assert.False(stuck.IsCompleted);
        ((PickyStore)store).Refuses(_site.Store, null);
        Assert.Null(await stuck.WaitAsync(Site.Deadline));
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static async Task AskAllAsync(ActorSystem system)
    {
        var results = await Task.WhenAll(Enumerable.Range(0, Actors).Select(
            actor => system.AskAsync(Ledger.Key($"a{actor}"), new Add(1), "me"))).WaitAsync(Site.Deadline);
        Assert.All(results, result => Assert.True(result.IsDone));
    }

    /// <summary>A store that cannot read one actor.</summary>
    public class PickyStore : DispatchProxy
    {
        private MemoryStore? _store;
        private ActorKey? _refused;

        public void Refuses(MemoryStore store, ActorKey? actor) => (_store, _refused) = (store, actor);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            args is [IReadOnlyList<(ActorKey Actor, string Schema)> asked]
            && asked.Any(one => one.Actor == _refused)
                ? Task.FromException<IReadOnlyList<ActorHistory>>(new IOException("Injected: it takes too long."))
                : targetMethod!.Invoke(_store, args);
    }
}
