namespace VioActors.Runtime;

/// <summary>
/// Reads the inboxes of shards for messages that other servers stored, in one call for all that are due, and once at a
/// time for each; a wish that comes meanwhile is one more read. Loop only.
/// </summary>
internal sealed class Sweeps(IStore store, SerialLoop loop)
{
    private readonly Dictionary<ShardMachine, bool> _again = [];

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
        IReadOnlyList<InboxRow> rows = [];
        try
        {
            rows = await store.LoadInboxAsync(machines.ConvertAll(machine => machine.Token.Shard));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The next sweep reads it; that the store is away is said by whoever commits.
        }
        await loop.PostAsync(() => End(machines, rows.ToLookup(row => ShardMap.Of(row.To, store.ShardCount))));
    }

    private void End(List<ShardMachine> machines, ILookup<int, InboxRow> rows)
    {
        var again = machines.FindAll(machine => _again.Remove(machine, out var isWanted) && isWanted);
        foreach (var machine in machines.Where(machine => !machine.IsAborted))
            machine.SweepEnded(rows[machine.Token.Shard]);
        Begin(again.Where(machine => !machine.IsAborted));
    }
}
