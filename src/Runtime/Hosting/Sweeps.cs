namespace VioActors.Runtime;

/// <summary>
/// Reads the inboxes of shards for messages that other servers stored, one read per shard at a time; a wish that comes
/// meanwhile is one more read. Loop only.
/// </summary>
internal sealed class Sweeps(IStore store, SerialLoop loop)
{
    private readonly Dictionary<ShardMachine, bool> _again = [];

    public void Begin(ShardMachine machine)
    {
        if (!_again.TryAdd(machine, false))
        {
            _again[machine] = true;
            return;
        }
        machine.Rows.SweepBegins();
        _ = ReadAsync(machine);
    }

    private async Task ReadAsync(ShardMachine machine)
    {
        IReadOnlyList<InboxRow> rows = [];
        try
        {
            rows = await store.LoadInboxAsync([machine.Token.Shard]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The next sweep reads it; that the store is away is said by whoever commits.
        }
        await loop.PostAsync(() => End(machine, rows));
    }

    private void End(ShardMachine machine, IReadOnlyList<InboxRow> rows)
    {
        _again.Remove(machine, out var again);
        if (machine.IsAborted)
            return;
        machine.SweepEnded(rows);
        if (again)
            Begin(machine);
    }
}
