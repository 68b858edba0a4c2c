namespace VioActors.Runtime;

/// <summary>
/// Reads the inboxes of shards for messages that other servers stored, in one call for all that are due, and once at a
/// time for each; a wish that comes meanwhile is one more read. Loop only.
/// </summary>
internal sealed class Sweeps(IStore store, SerialLoop loop)
{
    private readonly Dictionary<ShardMachine, bool> _again = [];
    private readonly HashSet<ShardMachine> _behind = [];

    /// <summary>Whether some inbox must still be read since <see cref="Require"/>.</summary>
    public bool IsAnyBehind => _behind.Count > 0;

    /// <summary>
    /// Another owner may have stored messages in these inboxes until now: nothing that its successor sends may come
    /// before them, so each is read before anything is delivered there past the store.
    /// </summary>
    public void Require(IEnumerable<ShardMachine> machines)
    {
        _behind.UnionWith(machines);
        _behind.RemoveWhere(machine => machine.IsAborted);
        foreach (var machine in _behind.Where(_again.ContainsKey))
            _again[machine] = true; // what is read now was read before
    }

    /// <summary>Whether this inbox must be read first.</summary>
    public bool IsBehind(ShardMachine machine) => _behind.Contains(machine);

    public void Begin(IEnumerable<ShardMachine> machines)
    {
        var due = new List<ShardMachine>();
        foreach (var machine in machines)
        {
            if (_again.TryAdd(machine, false))
                due.Add(machine);
            else
                _again[machine] = true;
        }
        if (due.Count == 0)
            return;
        foreach (var machine in due)
            machine.Rows.SweepBegins();
        _ = ReadAsync(due);
    }

    private async Task ReadAsync(List<ShardMachine> machines)
    {
        IReadOnlyList<InboxRow>? rows = null;
        try
        {
            rows = await store.LoadInboxAsync(machines.ConvertAll(machine => machine.Token.Shard));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The next sweep reads it; that the store is away is said by whoever commits.
        }
        await loop.PostAsync(() => End(
            machines, (rows ?? []).ToLookup(row => ShardMap.Of(row.To, store.ShardCount)), isRead: rows is not null));
    }

    private void End(List<ShardMachine> machines, ILookup<int, InboxRow> rows, bool isRead)
    {
        var again = machines.FindAll(machine => _again.Remove(machine, out var isWanted) && isWanted);
        _behind.RemoveWhere(machine =>
            machine.IsAborted || (isRead && machines.Contains(machine) && !again.Contains(machine)));
        foreach (var machine in machines.Where(machine => !machine.IsAborted))
            machine.SweepEnded(rows[machine.Token.Shard]);
        Begin(again.Where(machine => !machine.IsAborted));
    }
}
