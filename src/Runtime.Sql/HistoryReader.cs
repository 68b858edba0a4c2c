using System.Data.Common;

namespace VioActors.Runtime.Sql;

/// <summary>
/// Gathers the histories of actors from rows of any order among actors: seq, name, JSON, principal, turn and time in
/// columns 1 to 6. A row without a principal is the snapshot, with the schema for a name. Single-threaded.
/// </summary>
internal sealed class HistoryReader(IReadOnlyList<(ActorKey Actor, string Schema)> actors)
{
    private readonly SnapshotRow?[] _snapshots = new SnapshotRow?[actors.Count];
    private readonly List<EventRow>[] _tails = [.. actors.Select(_ => new List<EventRow>())];

    /// <summary>One for each actor, in order.</summary>
    public IReadOnlyList<ActorHistory> All =>
        [.. _tails.Select((tail, place) => new ActorHistory(_snapshots[place], tail))];

    /// <summary>Takes one row of the actor at that place; events come in their order.</summary>
    /// <returns>The place.</returns>
    public int Add(int place, DbDataReader row)
    {
        var (actor, seq, name, json) = (actors[place].Actor, row.GetInt64(1), row.GetString(2), row.GetString(3));
        if (row.IsDBNull(4))
            _snapshots[place] = new SnapshotRow(actor, seq, name, json);
        else
            _tails[place].Add(new EventRow(
                actor, seq, new Body(name, json), row.GetString(4), row.GetString(5), StoreRows.Time(row, 6)));
        return place;
    }
}
