using Npgsql;
using VioActors.Bench.Servers;

namespace VioActors.Bench.Chaos;

/// <summary>Compares what clients were promised with what the database holds. Thread-safe for clients.</summary>
internal sealed class ChaosLedger(PostgresPair postgres)
{
    private const string Journal = "vio.event";
    private const string Copy = "vio.chaos_copy";
    private const string Write = "name LIKE 'site.user-put/%'";
    private const string Copied = $"CREATE TABLE {Copy} AS SELECT name, json, position FROM {Journal} WHERE {Write}";

    private readonly Lock _gate = new();
    private readonly HashSet<string> _promised = [];
    private readonly HashSet<string> _doubled = [];

    /// <summary>Acknowledged writes that are not stored.</summary>
    public long Lost { get; private set; }

    /// <summary>Writes that are stored more than once, acknowledged or not.</summary>
    public long Doubled => _doubled.Count;

    /// <summary>Acknowledged writes that an older copy of the store could not have.</summary>
    public long LostByRestore { get; private set; }

    /// <summary>A write was acknowledged.</summary>
    public void Promise(string write)
    {
        lock (_gate) _promised.Add(write);
    }

    /// <summary>All that is acknowledged now.</summary>
    public IReadOnlySet<string> Promised()
    {
        lock (_gate) return _promised.ToHashSet();
    }

    /// <summary>Looks at everything; what is found is not found again.</summary>
    public async Task CheckAsync()
    {
        var stored = await StoredAsync(Journal);
        _doubled.UnionWith(Doubles(stored));
        lock (_gate) Lost += _promised.RemoveWhere(write => !stored.ContainsKey(write));
    }

    /// <summary>An older copy was put back: what was acknowledged after its making began may be missing.</summary>
    /// <param name="kept">What was acknowledged before.</param>
    public async Task ForgiveAsync(IReadOnlySet<string> kept)
    {
        var stored = await StoredAsync(Journal);
        lock (_gate)
            LostByRestore += _promised.RemoveWhere(write => !stored.ContainsKey(write) && !kept.Contains(write));
    }

    /// <summary>
    /// What the same look finds when one acknowledged write was taken out of a copy, and one is there twice: 1 and 1.
    /// </summary>
    public async Task<(long Lost, long Doubled)> ControlAsync()
    {
        await postgres.RunAsync(Copied);
        await postgres.RunAsync(
            $"INSERT INTO {Copy} SELECT * FROM {Copy} ORDER BY position DESC LIMIT 1");
        await postgres.RunAsync(
            $"DELETE FROM {Copy} WHERE json::jsonb ->> 'tokenSha256' = '{Promised().First()}'");
        var stored = await StoredAsync(Copy);
        return (Promised().Count(write => !stored.ContainsKey(write)), Doubles(stored).LongCount());
    }

    private static IEnumerable<string> Doubles(Dictionary<string, long> stored) =>
        stored.Where(one => one.Value > 1).Select(one => one.Key);

    private async Task<Dictionary<string, long>> StoredAsync(string table)
    {
        var stored = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var source = NpgsqlDataSource.Create($"{postgres.Store};Pooling=false");
        await using var command = source.CreateCommand(
            $"SELECT json::jsonb ->> 'tokenSha256', count(*) FROM {table} WHERE {Write} GROUP BY 1");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) stored.Add(reader.GetString(0), reader.GetInt64(1));
        return stored;
    }
}
