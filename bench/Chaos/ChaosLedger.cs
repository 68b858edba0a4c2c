using VioActors.Bench.Servers;

namespace VioActors.Bench.Chaos;

/// <summary>Compares what clients were promised with what the database holds.</summary>
internal sealed class ChaosLedger(string store, IReadOnlyList<ChaosClient> clients)
{
    private const string Copied = "CREATE TABLE vio.chaos_copy AS SELECT * FROM vio.event";

    /// <summary>Acknowledged writes that are not stored.</summary>
    public long Lost { get; private set; }

    /// <summary>Writes stored more often than they were made.</summary>
    public long Doubled { get; private set; }

    /// <summary>Looks at everything; while no client writes.</summary>
    public async Task CheckAsync()
    {
        foreach (var client in clients)
        {
            var (lost, doubled) = Compare(client, await StoredAsync(client, "vio.event"));
            (Lost, Doubled) = (Math.Max(Lost, lost), Math.Max(Doubled, doubled));
        }
    }

    /// <summary>
    /// What the check finds when one acknowledged write is missing, and when one is there too often: 1 and 1.
    /// </summary>
    public async Task<(long Lost, long Doubled)> ControlAsync()
    {
        var client = clients[0];
        await PostgresInstance.RunAsync(store, Copied);
        var surplus = (await StoredAsync(client, "vio.event")) - client.Acknowledged;
        await PostgresInstance.RunAsync(
            store, $"DELETE FROM vio.chaos_copy WHERE position IN ({Of(client, "position")} LIMIT {surplus + 1})");
        var lost = Compare(client, await StoredAsync(client, "vio.chaos_copy")).Lost;
        await PostgresInstance.RunAsync(
            store, $"INSERT INTO vio.chaos_copy SELECT e.* FROM vio.event e, generate_series(1, "
                + $"{client.Unknown + 2}) WHERE e.position = ({Of(client, "max(position)")})");
        return (lost, Compare(client, await StoredAsync(client, "vio.chaos_copy")).Doubled);
    }

    private static (long Lost, long Doubled) Compare(ChaosClient client, long stored) => (
        Math.Max(0, client.Acknowledged - stored),
        Math.Max(0, stored - client.Acknowledged - client.Unknown));

    private async Task<long> StoredAsync(ChaosClient client, string table) =>
        (long)(await PostgresInstance.RunAsync(store, Of(client, "count(*)", table)))!;

    private static string Of(ChaosClient client, string what, string table = "vio.event") =>
        $"SELECT {what} FROM {table} WHERE name LIKE 'site.user-put/%' AND json LIKE '%\"{client.Name}\"%'";
}
