using VioActors.Runtime;

namespace VioActors.Simulation;

/// <summary>
/// The store contract in memory: the disk of a simulation, which outlives the systems that run on it. Several owners
/// may use it at once. Faults come from <see cref="Faults"/>. Thread-safe.
/// </summary>
/// <param name="time">The store's clock: leases and nothing else use it.</param>
/// <param name="shardCount">Virtual shards.</param>
/// <param name="maxJson">Longest body that is taken, in characters.</param>
public sealed class MemoryStore(TimeProvider time, int shardCount = 16, int maxJson = Body.MaxJson) : IStore
{
    private readonly Lock _lock = new();
    private readonly MemoryTables _tables = new(shardCount, maxJson);
    private IReadOnlyList<ShardBatch> _late = [];

    /// <inheritdoc/>
    public int ShardCount => shardCount;

    /// <summary>What goes wrong, and when; by default nothing.</summary>
    public MemoryFaults Faults { get; init; } = new();

    /// <summary>Ends every lease now, as an embedded store does when it is opened.</summary>
    public void ExpireLeases()
    {
        lock (_lock)
        {
            foreach (var shard in _tables.Shards)
                shard.LeaseUntil = DateTimeOffset.MinValue;
            foreach (var life in _tables.Servers.Values)
                life.IsGone = true;
        }
    }

    /// <summary>Who owns a shard, as the store knows at this moment; null for nobody.</summary>
    public string? OwnerNow(int shard)
    {
        lock (_lock) return _tables.Shards[shard].Token.Owner is { Length: > 0 } owner ? owner : null;
    }

    /// <summary>What waits: messages, timers and effects, in words; empty for nothing.</summary>
    public string Waiting
    {
        get
        {
            lock (_lock)
                return string.Join(", ", [
                    .. _tables.Inbox.Values.Select(row => $"{row.Body.Name} for {row.To}"),
                    .. _tables.Timers.Values.Select(row => $"timer {row.Name} of {row.Actor}"),
                    .. _tables.Effects.Values.Select(row => $"effect {row.Id} of {row.Actor}"),
                ]);
        }
    }

    /// <summary>Batches that were refused because their token or what they rest on was stale.</summary>
    public int FencedBatches
    {
        get
        {
            lock (_lock)
                return _tables.Fenced;
        }
    }

    /// <summary>A server's process has ended, and the store noticed, as PostgreSQL does by its session.</summary>
    public void NoticeEnd(string incarnation)
    {
        lock (_lock)
        {
            if (_tables.Servers.TryGetValue(incarnation, out var life))
                life.IsGone = true;
        }
    }

    /// <summary>Events after a position, oldest first, as they are now: no call of a server, so no fault meets it.
    /// </summary>
    public IReadOnlyList<JournalRow> JournalAfter(long position)
    {
        lock (_lock)
            return [.. _tables.Journal.Skip((int)position)];
    }

    /// <summary>Messages that no turn could digest, oldest first, as they are now.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters
    {
        get
        {
            lock (_lock)
                return [.. _tables.DeadLetters];
        }
    }

    /// <inheritdoc/>
    public Task<ClusterView> MeetAsync(ServerRow me, TimeSpan lease) => CallAsync("meet", () =>
    {
        var now = time.GetUtcNow();
        if (!_tables.Servers.TryGetValue(me.Incarnation, out var life))
            _tables.Servers.Add(me.Incarnation, life = new MemoryTables.ServerLife { Row = me, Since = now });
        (life.Row, life.SeenUntil, life.IsGone) = (me, now + lease, false);
        return new ClusterView(
            [.. _tables.Servers.Values.Select(one =>
                new ServerSeen(one.Row, one.Since, one.SeenUntil > now && !one.IsGone))],
            [.. _tables.Shards.Select(row =>
                new ShardSeen(row.Token.Shard, row.Token.Owner, row.LeaseUntil <= now || IsGone(row.Token.Owner)))]);
    });

    /// <inheritdoc/>
    public Task LeaveAsync(string incarnation) => CallAsync("leave", () => _tables.Servers.Remove(incarnation));

    /// <inheritdoc/>
    public Task<IReadOnlyList<ShardToken>> ClaimAsync(IReadOnlyList<int> shards, string owner, TimeSpan lease) =>
        CallAsync<IReadOnlyList<ShardToken>>("claim", () =>
        {
            var (tokens, now) = (new List<ShardToken>(), time.GetUtcNow());
            foreach (var row in shards.Order().Select(shard => _tables.Shards[shard]))
            {
                if (row.LeaseUntil > now && row.Token.Owner != owner && !IsGone(row.Token.Owner))
                    continue;
                row.Token = new ShardToken(row.Token.Shard, _tables.Generation, row.Token.Epoch + 1, owner);
                row.LastBatch = 0;
                row.LeaseUntil = now + lease;
                tokens.Add(row.Token);
            }
            return tokens;
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<ShardToken> tokens, TimeSpan lease) =>
        CallAsync<IReadOnlyList<bool>>("renew", () => tokens.Select(token =>
        {
            if (!_tables.IsOwner(token))
                return false;
            _tables.Shards[token.Shard].LeaseUntil = time.GetUtcNow() + lease;
            return true;
        }).ToList());

    /// <inheritdoc/>
    public Task ReleaseAsync(IReadOnlyList<ShardToken> tokens) => CallAsync("release", () =>
    {
        foreach (var token in tokens.Where(_tables.IsOwner))
            _tables.Shards[token.Shard].LeaseUntil = DateTimeOffset.MinValue;
        return true;
    });

    /// <inheritdoc/>
    public Task<Resolution?> ResolveAsync(ShardToken token) => CallAsync("resolve", () =>
    {
        if (!_tables.IsOwner(token))
            return (Resolution?)null;
        var row = _tables.Shards[token.Shard];
        row.Token = token with { Epoch = token.Epoch + 1 };
        return new Resolution(row.Token, row.LastBatch);
    });

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<ShardBatch> batches)
    {
        await Faults.Before("commit");
        var fault = Faults.OnCommit(batches);
        if (fault == CommitFault.Refuse)
            throw new StoreUnavailableException("memory", "a fault was injected", "Wait for its end.");
        if (fault == CommitFault.FailBefore)
            throw new IOException("Injected: the connection broke before the commit.");
        if (fault == CommitFault.FailLate)
        {
            _late = batches;
            throw new IOException("Injected: the connection broke and the commit is still on its way.");
        }
        IReadOnlyList<CommitOutcome> outcomes;
        lock (_lock)
            outcomes = [.. batches.Select(_tables.Apply)];
        await Faults.After("commit");
        return fault == CommitFault.FailAfter
            ? throw new IOException("Injected: the connection broke after the commit.")
            : outcomes;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ShardContents>> LoadShardsAsync(IReadOnlyList<int> shards) =>
        CallAsync<IReadOnlyList<ShardContents>>("load-shards", () => [.. shards.Select(Contents)]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<InboxRow>> LoadInboxAsync(IReadOnlyList<int> shards) =>
        CallAsync<IReadOnlyList<InboxRow>>("load-inbox", () =>
            [.. _tables.Inbox.Values.Where(row => shards.Contains(ShardMap.Of(row.To, shardCount)))]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ActorHistory>> LoadActorsAsync(IReadOnlyList<(ActorKey Actor, string Schema)> actors) =>
        CallAsync<IReadOnlyList<ActorHistory>>(
            "load-actors", () => [.. actors.Select(one => Load(one.Actor, one.Schema))]);

    /// <inheritdoc/>
    public Task<ResultRow?> FindResultAsync(ActorKey actor, string principal, string key) =>
        CallAsync("find-result", () => _tables.Results.GetValueOrDefault((actor.ToString(), principal, key)));

    /// <inheritdoc/>
    public Task ForgetResultsAsync(DateTimeOffset before) => CallAsync("forget-results", () =>
    {
        foreach (var (key, row) in _tables.Results.ToList())
        {
            if (row.At < before)
                _tables.Results.Remove(key);
        }
        return true;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long after, int max) =>
        CallAsync<IReadOnlyList<JournalRow>>("read-journal", () =>
            [.. _tables.Journal.Skip((int)Math.Min(after, int.MaxValue)).Take(max)]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(int max) =>
        CallAsync<IReadOnlyList<DeadLetter>>("read-dead-letters", () =>
            [.. _tables.DeadLetters.AsEnumerable().Reverse().Take(max)]);

    /// <inheritdoc/>
    public Task<bool> RetryDeadLetterAsync(DeadLetter letter, string id) => CallAsync("retry-dead-letter", () =>
    {
        if (_tables.DeadLetters.RemoveAll(kept => kept.Id == letter.Id) == 0)
            return false;
        _tables.Send(new InboxRow(id, letter.Actor, letter.Sender, letter.Body, letter.Principal), new());
        return true;
    });

    /// <inheritdoc/>
    public Task<bool> DropDeadLetterAsync(string id) =>
        CallAsync("drop-dead-letter", () => _tables.DeadLetters.RemoveAll(kept => kept.Id == id) > 0);

    /// <inheritdoc/>
    public Task DisownAsync(string incarnation) => CallAsync("disown", () =>
    {
        if (!_tables.Servers.Remove(incarnation))
            return false;
        foreach (var shard in _tables.Shards.Where(shard => shard.Token.Owner == incarnation))
        {
            shard.Token = shard.Token with { Owner = "" };
            shard.LeaseUntil = DateTimeOffset.MinValue;
        }
        return true;
    });

    /// <inheritdoc/>
    public Task<StorePoint> PointAsync() =>
        CallAsync("point", () => new StorePoint(_tables.Generation, _tables.Journal.Count, _tables.Adopted));

    /// <inheritdoc/>
    public Task<long> AdoptAsync(long above = 0) => CallAsync("adopt", () =>
    {
        foreach (var shard in _tables.Shards)
        {
            shard.Token = shard.Token with { Owner = "" };
            shard.LeaseUntil = DateTimeOffset.MinValue;
        }
        return _tables.Adopted = _tables.Generation = Math.Max(_tables.Generation, above) + 1;
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ShardContents Contents(int shard)
    {
        bool IsHere(ActorKey actor) => ShardMap.Of(actor, shardCount) == shard;
        return new ShardContents(
            [.. _tables.Inbox.Values.Where(row => IsHere(row.To))],
            [.. _tables.Timers.Values.Where(row => IsHere(row.Actor))],
            [.. _tables.Effects.Values.Where(row => IsHere(row.Actor))]);
    }

    private ActorHistory Load(ActorKey actor, string schema)
    {
        var snapshot = _tables.Snapshots.GetValueOrDefault(actor.ToString());
        if (snapshot?.Schema != schema)
            snapshot = null;
        var tail = _tables.Journal.Where(row => row.Event.Actor == actor && row.Event.Seq > (snapshot?.Seq ?? 0));
        return new ActorHistory(snapshot, [.. tail.Select(row => row.Event)]);
    }

    private bool IsGone(string incarnation) =>
        _tables.Servers.TryGetValue(incarnation, out var life) && life.IsGone;

    private async Task<T> CallAsync<T>(string operation, Func<T> call)
    {
        await Faults.Before(operation);
        T result;
        lock (_lock)
        {
            result = call();
            // The nastiest moment: right after somebody looked.
            foreach (var batch in _late)
                _tables.Apply(batch);
            _late = [];
        }
        await Faults.After(operation);
        return result;
    }
}
