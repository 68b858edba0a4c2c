namespace VioActors.Runtime.Sql;

/// <summary>Something in a store that no version of ours writes.</summary>
/// <param name="Check">Which rule it breaks, one word.</param>
/// <param name="Subject">Where: an actor, a shard, or the file.</param>
/// <param name="What">One sentence.</param>
public sealed record StoreFinding(string Check, string Subject, string What);

/// <summary>
/// Looks a store over while it is used: reads page by page, changes nothing. What is written meanwhile is read or not.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="isKnown">Whether this version knows the name of an event or message.</param>
public sealed class StoreCheck(SqlStore store, Func<string, bool> isKnown)
{
    /// <summary>Findings after which it stops.</summary>
    public const int Most = 100;

    private const int Page = 1000;
    private readonly List<StoreFinding> _findings = [];
    private readonly Dictionary<ActorKey, (long Seq, long Generation, long Epoch)> _actors = [];

    /// <summary>Events that were read.</summary>
    public long Events { get; private set; }

    /// <summary>Actors that have events.</summary>
    public int Actors => _actors.Count;

    /// <summary>Messages, timers and effects that wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>Runs all checks.</summary>
    /// <returns>At most about <see cref="Most"/> findings; empty when all is well.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    public async Task<IReadOnlyList<StoreFinding>> RunAsync(CancellationToken cancel)
    {
        await TokensAsync();
        await JournalAsync(cancel);
        for (var shard = 0; shard < store.ShardCount && _findings.Count < Most; shard++)
        {
            cancel.ThrowIfCancellationRequested();
            await WaitingAsync(shard);
        }
        return _findings;
    }

    private async Task TokensAsync()
    {
        // Shards first: a generation only rises, so one read later is never lower.
        var shards = await store.ReadTokensAsync();
        var generation = (await store.PointAsync()).Generation;
        if (shards.Count != store.ShardCount)
            Find("shards", "the store", $"It has {shards.Count} of {store.ShardCount} shards.");
        foreach (var token in shards)
            if (token.Generation > generation || token.Generation < 1 || token.Epoch < 0)
                Find("token", $"shard {token.Shard}",
                    $"Its generation {token.Generation} and epoch {token.Epoch} do not fit the site's {generation}.");
    }

    private async Task JournalAsync(CancellationToken cancel)
    {
        for (var last = 0L; _findings.Count < Most;)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = await store.ReadJournalAsync(last, Page);
            if (rows.Count == 0)
                return;
            foreach (var row in rows)
            {
                if (row.Position != last + 1)
                    Find("position", "the journal", $"Position {last} is followed by {row.Position}.");
                last = row.Position;
                Event(row);
            }
        }
    }

    private void Event(JournalRow row)
    {
        Events++;
        var (actor, seq) = (row.Event.Actor, row.Event.Seq);
        var (before, generation, epoch) = _actors.GetValueOrDefault(actor);
        if (seq != before + 1)
            Find("sequence", actor.ToString(), $"Event {before} is followed by {seq}, at position {row.Position}.");
        if ((row.Generation, row.Epoch).CompareTo((generation, epoch)) < 0)
            Find("token", actor.ToString(),
                $"Event {seq} was written under an older token than the one before it, at position {row.Position}.");
        Name(row.Event.Body.Name, actor);
        _actors[actor] = (seq, row.Generation, row.Epoch);
    }

    private async Task WaitingAsync(int shard)
    {
        var contents = await store.LoadShardAsync(shard);
        foreach (var row in contents.Inbox)
            Place(shard, row.To, row.Body.Name, "message");
        foreach (var row in contents.Timers)
            Place(shard, row.Actor, row.Body.Name, "timer");
        foreach (var row in contents.Effects)
            Place(shard, row.Actor, row.Body.Name, "effect");
    }

    private void Place(int shard, ActorKey actor, string name, string what)
    {
        Waiting++;
        if (ShardMap.Of(actor, store.ShardCount) != shard)
            Find("shard", actor.ToString(), $"A {what} lies in shard {shard}, where nobody looks for it.");
        Name(name, actor);
    }

    private void Name(string name, ActorKey actor)
    {
        if (!isKnown(name))
            Find("name", actor.ToString(), $"This version does not know '{name}'.");
    }

    private void Find(string check, string subject, string what)
    {
        if (_findings.Count < Most)
            _findings.Add(new StoreFinding(check, subject, what));
    }
}
