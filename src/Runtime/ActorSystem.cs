using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace VioActors.Runtime;

/// <summary>
/// Hosts actors on a store: claims shards, runs turns, effects and timers. Register, then start, then ask. All members
/// are thread-safe once started. The store belongs to the caller and outlives the system.
/// </summary>
/// <param name="store">Where the actors live.</param>
/// <param name="codec">Names of everything that is stored or sent.</param>
/// <param name="incarnation">Random, fresh for each start of a process: <see cref="NewIncarnation"/>.</param>
/// <param name="time">The clock of timers, retries and turns.</param>
/// <param name="limits">Bounds; null for the defaults.</param>
/// <param name="scheduler">Where the loop and the effect handlers run; a simulation passes its own.</param>
/// <param name="place">Its place among several servers; null when it is alone.</param>
public sealed class ActorSystem(
    IStore store, MessageCodec codec, string incarnation, TimeProvider time, Limits? limits = null,
    TaskScheduler? scheduler = null, ServerPlace? place = null) : IAsyncDisposable
{
    private const int JournalPage = 256;

    private readonly ActorCatalog _actors = new();
    private readonly List<IEffectHandler> _handlers = [];
    private readonly Limits _limits = (limits ?? new Limits()).Checked();
    private readonly TaskScheduler _scheduler = scheduler ?? TaskScheduler.Default;
    private readonly TaskCompletionSource<Exception> _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Waiting _waiting = new();
    private ShardDriver? _driver;
    private Task _leases = Task.CompletedTask;
    private long _requests;
    private volatile string? _hold;

    /// <summary>
    /// Health and counters. <see cref="SystemStats.IsServing"/> and <see cref="SystemStats.Reason"/> are the health.
    /// </summary>
    public SystemStats Stats => _gone.Task.IsCompletedSuccessfully
        ? SystemStats.None with { Reason = _gone.Task.Result.Message }
        : _driver?.Stats ?? SystemStats.None;

    /// <summary>Actors that hold others up here, as of the last look at the store.</summary>
    public HotView Hot => _driver?.Hot.View ?? HotView.Empty;

    /// <summary>16 random bytes as text.</summary>
    public static string NewIncarnation() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Registers one kind of actor. Before the start.</summary>
    public ActorSystem AddActor<TState>(IActor<TState> actor) where TState : class
    {
        RequireNotStarted();
        _actors.Add(new ActorShell<TState>(actor));
        return this;
    }

    /// <summary>Registers the handler of one kind of effect. Before the start.</summary>
    public ActorSystem AddEffects(IEffectHandler handler)
    {
        RequireNotStarted();
        _handlers.Add(handler);
        return this;
    }

    /// <summary>
    /// Starts; completes when every shard that this server owns is loaded, or all are owned by its peers.
    /// </summary>
    /// <param name="cancel">Ends the wait, not the system.</param>
    public async Task StartAsync(CancellationToken cancel = default)
    {
        RequireNotStarted();
        var driver = new ShardDriver(store, _actors, codec, _limits, time, _scheduler, place?.Peers, Fail);
        foreach (var handler in _handlers)
            driver.Effects.Add(handler);
        driver.Leases.Hold = _hold;
        _driver = driver;
        _leases = driver.Leases.RunAsync(isDraining => new ServerRow(
            incarnation, place?.Name ?? "", place?.Address() ?? "", isDraining)
        {
            Rates = driver.Rates,
        });
        await driver.Serving.WaitAsync(cancel);
    }

    /// <summary>Sends a message from outside and waits until its turn is durable, refused, or not taken.</summary>
    /// <param name="to">The actor.</param>
    /// <param name="message">Of a type in the codec's list.</param>
    /// <param name="principal">Who asks; recorded with every event that follows.</param>
    /// <param name="idempotencyKey">A repetition under the same key and principal gets the first reply and changes
    /// nothing.</param>
    /// <param name="cancel">Ends the wait only: the turn may still happen.</param>
    /// <exception cref="OutcomeUnknownException">The server ended, or lost the shard, before the outcome was
    /// known.</exception>
    public async Task<AskResult> AskAsync(
        ActorKey to, object message, string principal, string? idempotencyKey = null,
        CancellationToken cancel = default)
    {
        var body = codec.Encode(message);
        var result = await AskHereAsync(to, message, body, principal, idempotencyKey, cancel);
        return result.IsElsewhere && OwnerOf(to) is { } owner && place is not null
            ? await AskPeerAsync(owner, new PeerAsk(to, body, principal, idempotencyKey), cancel)
            : result;
    }

    /// <summary>What a peer passed on: answered here or not at all.</summary>
    /// <exception cref="OutcomeUnknownException">As for <see cref="AskAsync"/>.</exception>
    public Task<AskResult> AskForPeerAsync(PeerAsk ask, CancellationToken cancel = default) =>
        AskHereAsync(ask.To, codec.Decode(ask.Message), ask.Message, ask.Principal, ask.IdempotencyKey, cancel);

    private async Task<AskResult> AskPeerAsync(ServerRow owner, PeerAsk ask, CancellationToken cancel)
    {
        try
        {
            return await place!.Peers.AskAsync(owner, ask, cancel);
        }
        catch (PeerUnreachableException away)
        {
            return AskResult.Elsewhere(_limits.LookEvery, away.Message);
        }
    }

    private async Task<AskResult> AskHereAsync(
        ActorKey to, object message, Body body, string principal, string? idempotencyKey, CancellationToken cancel)
    {
        var driver = Started();
        _actors.Require(to);
        var ask = new Ask(to, message, principal, $"{incarnation}-{Interlocked.Increment(ref _requests)}")
        {
            IdempotencyKey = idempotencyKey,
            BodyHash = idempotencyKey is null ? "" : HashOf(body),
        };
        using var wait = _waiting.Add(() => ask.Fail(
            new OutcomeUnknownException($"The server ended while {to} worked on the request.")));
        return !_gone.Task.IsCompleted && driver.Loop.TryPost(() => driver.Take(ask))
            ? await ask.Answer.WaitAsync(cancel)
            : AskResult.Later(_limits.RenewEvery, "The server takes no more requests now.");
    }

    /// <summary>The committed state of an actor; null when it has no history.</summary>
    /// <exception cref="ActorQuarantinedException">Its journal cannot be read by this version.</exception>
    /// <exception cref="NotServingException">Its shard is not here.</exception>
    public async Task<TState?> ReadAsync<TState>(ActorKey actor, CancellationToken cancel = default)
        where TState : class
    {
        try
        {
            return (TState?)await ReadHereAsync(actor, cancel);
        }
        catch (NotServingException) when (place is not null && OwnerOf(actor) is not null)
        {
            var json = await place.Peers.ReadAsync(OwnerOf(actor)!, actor, cancel);
            return json is null ? null : (TState?)_actors.Find(actor)!.Read(json, codec.Json);
        }
    }

    /// <summary>For a peer: an actor's committed state as JSON; null when it has no history.</summary>
    /// <exception cref="ActorQuarantinedException">As for <see cref="ReadAsync"/>.</exception>
    /// <exception cref="NotServingException">Its shard is not here.</exception>
    public async Task<string?> ReadForPeerAsync(ActorKey actor, CancellationToken cancel = default) =>
        await ReadHereAsync(actor, cancel) is { } state ? _actors.Find(actor)!.Write(state, codec.Json) : null;

    private async Task<object?> ReadHereAsync(ActorKey actor, CancellationToken cancel)
    {
        var driver = Started();
        _actors.Require(actor);
        if (_hold is not null)
            return await ReadStoredAsync(actor);
        var read = new StateRead(actor);
        using var wait = _waiting.Add(() => read.Fail(new NotServingException("The server ended.")));
        return !_gone.Task.IsCompleted && driver.Loop.TryPost(() => driver.Read(read))
            ? await read.State.WaitAsync(cancel)
            : throw new NotServingException("The server takes no more requests now.");
    }

    private async Task<object?> ReadStoredAsync(ActorKey actor)
    {
        var slots = new SlotTable(_actors, codec, _limits);
        var slot = slots.Get(actor)!;
        slots.Fill(slot, (await store.LoadActorsAsync([(actor, slot.Shell.Schema)]))[0]);
        return slot.Phase == ActorPhase.Quarantined ? throw new ActorQuarantinedException(actor, slot.Reason!)
            : slot.Durable.Seq == 0 ? null : slot.Durable.State;
    }

    /// <summary>Every event of every actor after a position, in order of position, then live until cancelled.</summary>
    /// <param name="after">0 for all; else the position last seen.</param>
    /// <param name="cancel">Ends the enumeration.</param>
    public async IAsyncEnumerable<JournalEntry> ReadJournal(
        long after, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var driver = Started();
        while (true)
        {
            // Before the page is read, so that nothing new is missed.
            var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var committed = driver.Readers.Add(() => news.TrySetResult());
            using var ended = _waiting.Add(() => news.TrySetResult());
            var rows = await JournalPageAsync(after);
            foreach (var row in rows)
            {
                cancel.ThrowIfCancellationRequested();
                yield return JournalEntry.From(row, codec);
                after = row.Position;
            }
            if (rows.Count == 0)
            {
                await using var cancelled = cancel.Register(() => news.TrySetResult());
                await using var late = time.CreateTimer(
                    _ => news.TrySetResult(), null, _limits.RenewEvery, Timeout.InfiniteTimeSpan);
                await news.Task;
            }
            cancel.ThrowIfCancellationRequested();
            if (_gone.Task.IsCompleted)
                yield break;
        }
    }

    /// <summary>Whether other servers may own shards of this store.</summary>
    public bool IsAmongSeveral => place is not null;

    /// <summary>A page of the journal; none while the store is away: whoever follows it goes on afterwards.</summary>
    private async Task<IReadOnlyList<JournalRow>> JournalPageAsync(long after)
    {
        try
        {
            return await store.ReadJournalAsync(after, JournalPage);
        }
        catch (StoreUnavailableException)
        {
            return [];
        }
    }

    /// <summary>The last look at the servers and at who owns which shard.</summary>
    public ClusterView Cluster => _driver?.View ?? ClusterView.Empty;

    /// <summary>The living server that owns an actor's shard, if it is another one and known.</summary>
    public ServerRow? OwnerOf(ActorKey actor) =>
        Cluster.OwnerOf(ShardMap.Of(actor, store.ShardCount)) is { } owner && owner.Incarnation != incarnation
            ? owner : null;

    /// <summary>
    /// The epoch under which an actor's shard is loaded here, null when it is not: another epoch means that somebody
    /// else may have owned it in between. It may end at any time; only a commit proves more.
    /// </summary>
    public long? EpochOf(ActorKey actor) => _driver?.Ownership.EpochOf(ShardMap.Of(actor, store.ShardCount));

    /// <summary>Completes at the next change of any <see cref="EpochOf"/>; take it before asking that.</summary>
    public Task OwnershipChanged => Started().Ownership.Changed;

    /// <summary>A peer says that messages lie in the inboxes of these shards.</summary>
    public void Wake(IReadOnlyList<int> shards)
    {
        var driver = Started();
        driver.Loop.TryPost(() => driver.Sweep(shards));
    }

    /// <summary>
    /// From now on nothing is claimed, decided or done here, and what is owned is dropped; actors can be read. Null
    /// ends that. Before the start it holds from the start on, which then completes without any shard.
    /// </summary>
    /// <param name="reason">Told to everybody who asks, and in <see cref="Stats"/>.</param>
    public async Task HoldAsync(string? reason)
    {
        _hold = reason;
        if (_driver is not { } driver)
            return;
        driver.Leases.Hold = reason;
        if (reason is null)
            return;
        var tokens = driver.Tokens;
        await driver.Loop.RunAsync(() => driver.DropAll(reason));
        await driver.Leases.ReleaseAsync(tokens);
    }

    /// <summary>Gives all shards to the peers, and takes none until told otherwise.</summary>
    public void Drain(bool isDraining) => Started().Leases.Drain(isDraining);

    /// <summary>The newest messages that no turn could digest, newest first.</summary>
    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(int max = 100) => store.ReadDeadLettersAsync(max);

    /// <summary>
    /// Delivers a dead letter again, wherever its receiver is; false when it is not there any more.
    /// </summary>
    public async Task<bool> RetryDeadLetterAsync(DeadLetter letter)
    {
        if (!await store.RetryDeadLetterAsync(letter, $"again-{NewIncarnation()}"))
            return false;
        var shard = ShardMap.Of(letter.Actor, store.ShardCount);
        Wake([shard]);
        if (place is not null && Cluster.OwnerOf(shard) is { } owner && owner.Incarnation != incarnation)
            await place.Peers.WakeAsync(owner, [shard]);
        return true;
    }

    /// <summary>What it is called among the servers.</summary>
    public string Incarnation => incarnation;

    /// <summary>Numbers of the shards that are loaded here.</summary>
    public ImmutableArray<int> LoadedShards => _driver?.Ownership.Shards ?? [];

    /// <summary>Kinds of actors that are registered.</summary>
    public IEnumerable<string> Kinds => _actors.Kinds;

    /// <summary>Whether the actor's kind is registered.</summary>
    public bool Knows(ActorKey actor) => _actors.Find(actor) is not null;

    /// <summary>The shard of an actor.</summary>
    public int ShardOf(ActorKey actor) => ShardMap.Of(actor, store.ShardCount);

    /// <summary>An actor's committed state as JSON, from wherever it is; null when it has no history.</summary>
    /// <exception cref="ActorQuarantinedException">As for <see cref="ReadAsync"/>.</exception>
    /// <exception cref="NotServingException">As for <see cref="ReadAsync"/>.</exception>
    public Task<string?> ReadJsonAsync(ActorKey actor, CancellationToken cancel = default) =>
        place is not null && OwnerOf(actor) is { } owner
            ? place.Peers.ReadAsync(owner, actor, cancel)
            : ReadForPeerAsync(actor, cancel);

    /// <summary>
    /// Drops everything at once, like a crash: nothing more is committed, answered or released, leases run on.
    /// A commit that is at the store already may still happen.
    /// </summary>
    public void Abandon()
    {
        if (_gone.TrySetResult(new OutcomeUnknownException("The system was abandoned.")))
            Halt();
    }

    /// <summary>Stops gracefully: waits for the commit in flight, answers whoever waits, gives the shards up.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_driver is not { } driver || _gone.Task.IsCompleted)
            return;
        driver.Leases.Stop();
        await _leases;
        await driver.Loop.RunAsync(driver.BeginStop);
        await Task.WhenAny(
            Waiting.HereAsync(driver.Idle), Task.Delay(_limits.StopWithin, time), Waiting.HereAsync(_gone.Task));
        var tokens = driver.Tokens;
        await driver.Loop.RunAsync(() => driver.DropAll("The server is stopping."));
        await driver.Leases.LeaveAsync(tokens, incarnation);
        if (_gone.TrySetResult(new OutcomeUnknownException("The system has stopped.")))
            Halt();
    }

    private static string HashOf(Body body) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{body.Name}\n{body.Json}")));

    private void Fail(Exception bug)
    {
        if (_gone.TrySetResult(bug))
            Halt();
    }

    private void Halt()
    {
        _driver?.Leases.Stop();
        _driver?.Halt();
        _waiting.EndAll();
    }

    private ShardDriver Started() => _driver ?? throw new InvalidOperationException("The system is not started.");

    private void RequireNotStarted()
    {
        if (_driver is not null)
            throw new InvalidOperationException("The system is started already.");
    }
}
