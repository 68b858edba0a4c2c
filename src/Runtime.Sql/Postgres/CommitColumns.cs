using Npgsql;

namespace VioActors.Runtime.Sql;

/// <summary>
/// The parameters of <c>commit_batches</c> in its order. The function works table by table and not turn by turn, so a
/// row that one turn stores and a later one removes is in no list.
/// </summary>
internal sealed class CommitColumns
{
    private readonly Columns _batches = new("illtl");
    private readonly Columns _consumed = new("ti");
    private readonly Columns _effectsEnded = new("ttt");
    private readonly Columns _timersEnded = new("ttt");
    private readonly Columns _sends = new("itttttt");
    private readonly Columns _timersSet = new("itttlttt");
    private readonly Columns _effectsStarted = new("ittttttt");
    private readonly Columns _results = new("ttttttl");
    private readonly Columns _deadLetters = new("tttttttl");
    private readonly Columns _snapshots = new("tltt");
    private readonly Columns _first = new("tl");
    private readonly Columns _events = new("itlttttl");

    /// <param name="batches">Of different shards; their locks are taken in order of the shards.</param>
    /// <param name="shardCount">Of the store.</param>
    public CommitColumns(IEnumerable<ShardBatch> batches, int shardCount)
    {
        foreach (var batch in batches.OrderBy(batch => batch.Token.Shard))
            Add(batch, shardCount);
    }

    /// <summary>Adds the parameters to a call of the function; returns their placeholders.</summary>
    public string Bind(NpgsqlParameterCollection parameters)
    {
        Columns[] all =
        [
            _batches, _consumed, _effectsEnded, _timersEnded, _sends, _timersSet, _effectsStarted, _results,
            _deadLetters, _snapshots, _first, _events,
        ];
        foreach (var (values, type) in all.SelectMany(columns => columns.Arrays))
            parameters.Add(new NpgsqlParameter { Value = values, NpgsqlDbType = type });
        return string.Join(", ", Enumerable.Range(1, parameters.Count).Select(i => $"${i}"));
    }

    private void Add(ShardBatch batch, int shardCount)
    {
        var token = batch.Token;
        _batches.Add(token.Shard, token.Generation, token.Epoch, token.Owner, batch.Number);
        var timers = new Dictionary<(ActorKey, string, string), TimerRow>();
        var effects = new Dictionary<(ActorKey, string, string), EffectRow>();
        var snapshots = new Dictionary<ActorKey, SnapshotRow>();
        var last = new Dictionary<ActorKey, long>();
        foreach (var turn in batch.Turns)
        {
            if (turn.Consumed is { } id) _consumed.Add(id, token.Shard);
            foreach (var row in turn.EffectsEnded)
            {
                if (!effects.Remove((row.Actor, row.Id, row.TurnId)))
                    _effectsEnded.Add(row.Actor.ToString(), row.Id, row.TurnId);
            }
            foreach (var row in turn.TimersEnded)
            {
                if (!timers.Remove((row.Actor, row.Name, row.Id)))
                    _timersEnded.Add(row.Actor.ToString(), row.Name, row.Id);
            }
            foreach (var row in turn.TimersSet) timers.Add((row.Actor, row.Name, row.Id), row);
            foreach (var row in turn.EffectsStarted) effects.Add((row.Actor, row.Id, row.TurnId), row);
            if (turn.Snapshot is { } snapshot) snapshots[snapshot.Actor] = snapshot;
            AddEvents(turn, last);
            AddRest(turn, shardCount);
        }
        AddKept(token.Shard, timers.Values, effects.Values, snapshots.Values);
    }

    /// <summary>An event that follows no other of this call must follow a stored one.</summary>
    private void AddEvents(TurnWrites turn, Dictionary<ActorKey, long> last)
    {
        foreach (var row in turn.Events)
        {
            if (row.Seq > 1 && last.GetValueOrDefault(row.Actor) != row.Seq - 1)
                _first.Add(row.Actor.ToString(), row.Seq);
            last[row.Actor] = row.Seq;
            _events.Add(
                _batches.Count, row.Actor.ToString(), row.Seq, row.Body.Name, row.Body.Json, row.Principal, row.TurnId,
                row.At.UtcTicks);
        }
    }

    private void AddRest(TurnWrites turn, int shardCount)
    {
        foreach (var row in turn.Sends)
        {
            _sends.Add(
                ShardMap.Of(row.To, shardCount), row.Id, row.To.ToString(), row.Sender?.ToString(), row.Body.Name,
                row.Body.Json, row.Principal);
        }
        if (turn.Result is { } result)
        {
            _results.Add(
                result.Actor.ToString(), result.Principal, result.Key, result.BodyHash, result.Reply?.Name,
                result.Reply?.Json, result.At.UtcTicks);
        }
        if (turn.DeadLetter is { } letter)
        {
            _deadLetters.Add(
                letter.Id, letter.Actor.ToString(), letter.Sender?.ToString(), letter.Body.Name, letter.Body.Json,
                letter.Principal, letter.Reason, letter.At.UtcTicks);
        }
    }

    private void AddKept(
        int shard, IEnumerable<TimerRow> timers, IEnumerable<EffectRow> effects, IEnumerable<SnapshotRow> snapshots)
    {
        foreach (var row in timers)
        {
            _timersSet.Add(
                shard, row.Actor.ToString(), row.Name, row.Id, row.Due.UtcTicks, row.Body.Name, row.Body.Json,
                row.Principal);
        }
        foreach (var row in effects)
        {
            _effectsStarted.Add(
                shard, row.Actor.ToString(), row.Id, row.Kind, row.Body.Name, row.Body.Json, row.TurnId, row.Principal);
        }
        foreach (var row in snapshots) _snapshots.Add(row.Actor.ToString(), row.Seq, row.Schema, row.Json);
    }
}
