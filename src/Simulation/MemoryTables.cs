using VioActors.Runtime;

namespace VioActors.Simulation;

/// <summary>The rows of a <see cref="MemoryStore"/>. Not thread-safe.</summary>
internal sealed class MemoryTables(int shardCount, int maxJson)
{
    private long _nextInbox;

    public ShardRow[] Shards { get; } =
        [.. Enumerable.Range(0, shardCount).Select(shard => new ShardRow { Token = new ShardToken(shard, 1, 0, "") })];

    /// <summary>Batches that were fenced.</summary>
    public int Fenced { get; private set; }

    public long Generation { get; set; } = 1;

    public long Adopted { get; set; }

    public SortedDictionary<string, ServerLife> Servers { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<long, InboxRow> Inbox { get; } = [];

    public SortedDictionary<string, TimerRow> Timers { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, EffectRow> Effects { get; } = new(StringComparer.Ordinal);

    public List<JournalRow> Journal { get; } = [];

    public Dictionary<string, SnapshotRow> Snapshots { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string, string, string), ResultRow> Results { get; } = [];

    public List<DeadLetter> DeadLetters { get; } = [];

    private readonly Dictionary<string, long> _inboxIds = new(StringComparer.Ordinal);
    private readonly Dictionary<ActorKey, long> _seqs = [];

    public bool IsOwner(ShardToken token) => Shards[token.Shard].Token == token && token.Owner.Length > 0;

    /// <summary>One batch, whole or not at all.</summary>
    public CommitOutcome Apply(ShardBatch batch)
    {
        var outcome = Try(batch);
        if (outcome.Verdict == CommitVerdict.Fenced)
            Fenced++;
        return outcome;
    }

    private CommitOutcome Try(ShardBatch batch)
    {
        var shard = Shards[batch.Token.Shard];
        if (!IsOwner(batch.Token) || shard.LastBatch != batch.Number - 1)
            return new CommitOutcome(CommitVerdict.Fenced, $"Shard {batch.Token.Shard} has another owner or batch.");
        var undo = new Stack<Action>();
        try
        {
            foreach (var turn in batch.Turns)
                Apply(turn, batch.Token, undo);
        }
        catch (Conflict conflict)
        {
            while (undo.TryPop(out var action))
                action();
            return new CommitOutcome(conflict.Verdict, conflict.Message);
        }
        shard.LastBatch = batch.Number;
        return CommitOutcome.Committed;
    }

    private void Apply(TurnWrites turn, ShardToken token, Stack<Action> undo)
    {
        if (turn.Consumed is { } id)
        {
            if (!_inboxIds.TryGetValue(id, out var place))
                throw Conflict.Fenced($"Message {id} is not in the inbox.");
            Remove(Inbox, place, undo, "message");
            Remove(_inboxIds, id, undo, "message");
        }
        foreach (var row in turn.EffectsEnded)
            Remove(Effects, $"{row.Actor}\n{row.Id}", undo, "effect");
        foreach (var row in turn.TimersEnded)
            Remove(Timers, $"{row.Actor}\n{row.Name}", undo, "timer");
        foreach (var row in turn.Events)
            Append(row, token, undo);
        foreach (var row in turn.Sends)
        {
            Check(row.Body);
            Send(row, undo);
        }
        foreach (var row in turn.TimersSet)
            Add(Timers, $"{row.Actor}\n{row.Name}", row, undo, "timer", row.Body);
        foreach (var row in turn.EffectsStarted)
            Add(Effects, $"{row.Actor}\n{row.Id}", row, undo, "effect", row.Body);
        if (turn.Result is { } result)
        {
            var key = (result.Actor.ToString(), result.Principal, result.Key);
            Add(Results, key, result, undo, "result", result.Reply ?? default);
        }
        if (turn.DeadLetter is { } letter)
        {
            Check(letter.Body);
            DeadLetters.Add(letter);
            undo.Push(() => DeadLetters.RemoveAt(DeadLetters.Count - 1));
        }
        if (turn.Snapshot is { } snapshot)
            Replace(snapshot, undo);
    }

    /// <summary>Puts a message last.</summary>
    public void Send(InboxRow row, Stack<Action> undo)
    {
        var place = ++_nextInbox;
        Add(_inboxIds, row.Id, place, undo, "message");
        Add(Inbox, place, row, undo, "message");
    }

    private void Append(EventRow row, ShardToken token, Stack<Action> undo)
    {
        Check(row.Body);
        var last = _seqs.GetValueOrDefault(row.Actor);
        if (row.Seq != last + 1)
            throw Conflict.Fenced($"{row.Actor} is at event {last}, the batch brings {row.Seq}.");
        Journal.Add(new JournalRow(Journal.Count + 1, row, token.Generation, token.Epoch));
        _seqs[row.Actor] = row.Seq;
        undo.Push(() =>
        {
            Journal.RemoveAt(Journal.Count - 1);
            _seqs[row.Actor] = last;
        });
    }

    private void Replace(SnapshotRow snapshot, Stack<Action> undo)
    {
        var key = snapshot.Actor.ToString();
        var before = Snapshots.GetValueOrDefault(key);
        Snapshots[key] = snapshot;
        undo.Push(() =>
        {
            if (before is null)
                Snapshots.Remove(key);
            else
                Snapshots[key] = before;
        });
    }

    private void Add<TKey, TRow>(
        IDictionary<TKey, TRow> rows, TKey key, TRow row, Stack<Action> undo, string what, Body body = default)
    {
        Check(body);
        if (!rows.TryAdd(key, row))
            throw Conflict.Fenced($"The {what} {key} is stored already.");
        undo.Push(() => rows.Remove(key));
    }

    private static void Remove<TKey, TRow>(IDictionary<TKey, TRow> rows, TKey key, Stack<Action> undo, string what)
    {
        if (!rows.TryGetValue(key, out var row))
            throw Conflict.Fenced($"The {what} {key} is not stored.");
        rows.Remove(key);
        undo.Push(() => rows.Add(key, row));
    }

    private void Check(Body body)
    {
        if (body.Json?.Length > maxJson)
            throw new Conflict(
                CommitVerdict.Rejected, $"{body.Name} has {body.Json.Length} characters, over {maxJson}.");
    }

    /// <summary>One row of the shard table.</summary>
    internal sealed class ShardRow
    {
        public required ShardToken Token { get; set; }

        public long LastBatch { get; set; }

        public DateTimeOffset LeaseUntil { get; set; } = DateTimeOffset.MinValue;
    }

    /// <summary>One row of the server table.</summary>
    internal sealed class ServerLife
    {
        public required ServerRow Row { get; set; }

        public required DateTimeOffset Since { get; init; }

        public DateTimeOffset SeenUntil { get; set; }

        /// <summary>The store noticed that the process is gone.</summary>
        public bool IsGone { get; set; }
    }

    private sealed class Conflict(CommitVerdict verdict, string message) : Exception(message)
    {
        public CommitVerdict Verdict { get; } = verdict;

        public static Conflict Fenced(string message) => new(CommitVerdict.Fenced, message);
    }
}
