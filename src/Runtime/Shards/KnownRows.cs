namespace VioActors.Runtime;

/// <summary>
/// Which stored messages a shard knows already: the same row may be reported by its sender and found by a sweep, also
/// when it was consumed between the sweep's read and its end.
/// </summary>
internal sealed class KnownRows
{
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private HashSet<string>? _consumedInSweep;

    /// <summary>False when the row is known.</summary>
    public bool Add(InboxRow row) => _waiting.Add(row.Id);

    /// <summary>Its turn is durable.</summary>
    public void Consumed(string row)
    {
        _waiting.Remove(row);
        _consumedInSweep?.Add(row);
    }

    /// <summary>The shard's inbox is about to be read.</summary>
    public void SweepBegins() => _consumedInSweep = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>It was read: what of it was not consumed meanwhile.</summary>
    public IEnumerable<InboxRow> SweepEnded(IEnumerable<InboxRow> rows)
    {
        var consumed = _consumedInSweep ?? [];
        _consumedInSweep = null;
        return rows.Where(row => !consumed.Contains(row.Id));
    }
}
