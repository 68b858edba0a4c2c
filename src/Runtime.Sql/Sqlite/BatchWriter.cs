using Microsoft.Data.Sqlite;

namespace VioActors.Runtime.Sql;

/// <summary>Writes batches inside a transaction, each in a savepoint of its own. Connection's thread only.</summary>
internal sealed class BatchWriter(SqliteDatabase database, int shardCount)
{
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int PrimaryKey = 1555;
    private const int Unique = 2067;

    public CommitOutcome Write(ShardBatch batch)
    {
        database.Run("SAVEPOINT batch");
        var outcome = Try(batch);
        if (outcome.Verdict != CommitVerdict.Committed)
            database.Run("ROLLBACK TO batch");
        database.Run("RELEASE batch");
        return outcome;
    }

    private CommitOutcome Try(ShardBatch batch)
    {
        try
        {
            Fence(batch);
            foreach (var turn in batch.Turns)
            {
                Delete(turn, batch.Token.Shard);
                Insert(turn, batch.Token);
            }
            return CommitOutcome.Committed;
        }
        catch (Contradiction e)
        {
            return new CommitOutcome(CommitVerdict.Fenced, e.Message);
        }
        catch (SqliteException e) when (e.SqliteExtendedErrorCode is PrimaryKey or Unique)
        {
            return new CommitOutcome(CommitVerdict.Fenced, e.Message);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is TooBig or Constraint or Mismatch)
        {
            return new CommitOutcome(CommitVerdict.Rejected, e.Message);
        }
    }

    private void Fence(ShardBatch batch)
    {
        var token = batch.Token;
        One($"The token of shard {token.Shard} is stale", database.Statement(
            "fence", ("batch", batch.Number), ("shard", token.Shard), ("generation", token.Generation),
            ("epoch", token.Epoch), ("owner", token.Owner)));
    }

    private void Delete(TurnWrites turn, int shard)
    {
        if (turn.Consumed is { } id)
            One($"Message {id} is not in the inbox", database.Statement("consume", ("id", id), ("shard", shard)));
        foreach (var row in turn.EffectsEnded)
        {
            One($"Effect {row.Id} of {row.Actor} is not stored", database.Statement(
                "end-effect", ("actor", row.Actor.ToString()), ("id", row.Id), ("turn", row.TurnId)));
        }
        foreach (var row in turn.TimersEnded)
        {
            One($"Timer {row.Name} of {row.Actor} is not stored", database.Statement(
                "end-timer", ("actor", row.Actor.ToString()), ("timer", row.Name), ("id", row.Id)));
        }
    }

    private void Insert(TurnWrites turn, ShardToken token)
    {
        foreach (var row in turn.Events)
        {
            One($"Event {row.Seq} of {row.Actor} does not follow the last", database.Statement(
                "add-event", ("actor", row.Actor.ToString()), ("seq", row.Seq), ("name", row.Body.Name),
                ("json", row.Body.Json), ("principal", row.Principal), ("turn", row.TurnId),
                ("at", row.At.UtcTicks), ("generation", token.Generation), ("epoch", token.Epoch)));
        }
        foreach (var row in turn.Sends)
        {
            database.Statement(
                "send", ("shard", ShardMap.Of(row.To, shardCount)), ("id", row.Id), ("receiver", row.To.ToString()),
                ("sender", row.Sender?.ToString()), ("name", row.Body.Name), ("json", row.Body.Json),
                ("principal", row.Principal)).ExecuteNonQuery();
        }
        foreach (var row in turn.TimersSet)
        {
            database.Statement(
                "set-timer", ("shard", token.Shard), ("actor", row.Actor.ToString()), ("timer", row.Name),
                ("id", row.Id), ("due", row.Due.UtcTicks), ("name", row.Body.Name), ("json", row.Body.Json),
                ("principal", row.Principal)).ExecuteNonQuery();
        }
        foreach (var row in turn.EffectsStarted)
        {
            database.Statement(
                "start-effect", ("shard", token.Shard), ("actor", row.Actor.ToString()), ("id", row.Id),
                ("kind", row.Kind), ("name", row.Body.Name), ("json", row.Body.Json), ("turn", row.TurnId),
                ("principal", row.Principal)).ExecuteNonQuery();
        }
        InsertRest(turn);
    }

    private void InsertRest(TurnWrites turn)
    {
        if (turn.Result is { } result)
        {
            database.Statement(
                "keep-result", ("actor", result.Actor.ToString()), ("principal", result.Principal),
                ("key", result.Key), ("hash", result.BodyHash), ("name", result.Reply?.Name),
                ("json", result.Reply?.Json), ("at", result.At.UtcTicks)).ExecuteNonQuery();
        }
        if (turn.DeadLetter is { } letter)
        {
            database.Statement(
                "add-dead-letter", ("id", letter.Id), ("actor", letter.Actor.ToString()),
                ("sender", letter.Sender?.ToString()), ("name", letter.Body.Name), ("json", letter.Body.Json),
                ("principal", letter.Principal), ("reason", letter.Reason),
                ("at", letter.At.UtcTicks)).ExecuteNonQuery();
        }
        if (turn.Snapshot is { } snapshot)
        {
            database.Statement(
                "set-snapshot", ("actor", snapshot.Actor.ToString()), ("seq", snapshot.Seq),
                ("schema", snapshot.Schema), ("json", snapshot.Json)).ExecuteNonQuery();
        }
    }

    private static void One(string otherwise, SqliteCommand command)
    {
        if (command.ExecuteNonQuery() != 1)
            throw new Contradiction($"{otherwise}.");
    }

    /// <summary>The owner's memory is not what is stored.</summary>
    private sealed class Contradiction(string message) : Exception(message);
}
