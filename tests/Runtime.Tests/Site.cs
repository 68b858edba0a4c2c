using VioActors.Simulation;

namespace VioActors.Runtime.Tests;

/// <summary>One store, and the systems that run on it one after the other or at once.</summary>
public sealed class Site(TimeProvider? time = null) : IAsyncDisposable
{
    public static readonly Limits Fast = new()
    {
        RetryDelay = TimeSpan.FromMilliseconds(1),
        StoreRetry = TimeSpan.FromMilliseconds(1),
        StoreRetryMax = TimeSpan.FromMilliseconds(5),
        RenewEvery = TimeSpan.FromMilliseconds(20),
        LookEvery = TimeSpan.FromMilliseconds(5),
    };

    private readonly List<ActorSystem> _systems = [];

    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    public MemoryStore Store { get; init; } = new(time ?? TimeProvider.System, shardCount: 4);

    public Ledger Ledger { get; } = new();

    public WorkHandler Work { get; } = new();

    public async Task<ActorSystem> StartAsync(
        Limits? limits = null, MessageCodec? codec = null, ServerPlace? place = null,
        Action<ActorSystem>? started = null)
    {
        var system = new ActorSystem(
            Store, codec ?? Ledger.Codec, ActorSystem.NewIncarnation(), Time, limits ?? Fast, place: place);
        system.AddActor(Ledger).AddEffects(Work);
        _systems.Add(system);
        started?.Invoke(system);
        await system.StartAsync().WaitAsync(Deadline);
        return system;
    }

    /// <summary>The old system dies, its leases end, another starts.</summary>
    public async Task<ActorSystem> RestartAsync(ActorSystem old, Limits? limits = null, MessageCodec? codec = null)
    {
        old.Abandon();
        Store.ExpireLeases();
        return await StartAsync(limits, codec);
    }

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Waits until the condition holds; fails with the last value after a bounded time.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> read, Func<T, bool> holds)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (holds(value))
                return value;
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Deadline, $"Never held; last value: {value}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        }
    }

    public static Task<LedgerState?> NotesAsync(ActorSystem system, string id, int count) => EventuallyAsync(
        () => system.ReadAsync<LedgerState>(Ledger.Key(id)), state => state?.Notes.Length >= count);

    /// <summary>All events in the store.</summary>
    public async Task<IReadOnlyList<JournalRow>> JournalAsync() => await Store.ReadJournalAsync(0, int.MaxValue);

    public async ValueTask DisposeAsync()
    {
        foreach (var system in _systems)
            await system.DisposeAsync();
    }
}
