using VioActors.Contracts;

namespace VioActors.Bench.Place;

/// <summary>
/// Counts what hosts have in their ledgers and compares it with what environments say, node by node.
/// </summary>
internal static class PlaceCheck
{
    /// <summary>Nodes that are booked exactly once, on the host that their environment names.</summary>
    /// <exception cref="BenchException">A host promised more than it has, or the ledgers are not what environments
    /// say.</exception>
    public static async Task<int> BookedAsync(
        PlaceSite site, IReadOnlyList<EnvironmentId> placed, CancellationToken cancel)
    {
        var where = new Dictionary<NodeId, HostId>();
        foreach (var host in site.Hosts)
        {
            var ledger = await site.ReadAsync(host, cancel);
            var promised = ledger.Bookings.Values.Sum(booking => (long)booking.MemoryMiB);
            if (promised > ledger.Facts!.MemoryMiB)
                throw new BenchException($"Host {host} promised {promised} MiB of {ledger.Facts.MemoryMiB}.");
            foreach (var node in ledger.Bookings.Keys)
            {
                if (!where.TryAdd(node, host))
                    throw new BenchException($"Node {node} is booked on {where[node]} and on {host}.");
            }
        }

        var known = 0;
        foreach (var environment in placed)
        {
            foreach (var node in (await site.ReadAsync(environment, cancel))!.Nodes.Values)
            {
                known++;
                if (node.Host is not { } host || where.GetValueOrDefault(node.Id) != host)
                    throw new BenchException($"Node {node.Id} belongs on {node.Host} and is booked elsewhere, or not.");
            }
        }

        return known == where.Count
            ? known
            : throw new BenchException($"Hosts booked {where.Count} nodes, environments placed {known}.");
    }
}
