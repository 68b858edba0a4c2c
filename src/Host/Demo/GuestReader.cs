using System.Collections.Concurrent;
using System.Collections.Immutable;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>
/// Reads guests' facts through the API. A node's kept lines start anew on the host it moves to, so what must never have
/// happened (a crossed frame, a broken connection, a bad block) sticks once it was seen. Thread-safe.
/// </summary>
internal sealed class GuestReader(ApiClient api)
{
    private const int Lines = 5000;
    private readonly ConcurrentDictionary<NodeName, GuestFacts> _last = new();

    /// <summary>A node's facts now.</summary>
    public async Task<GuestFacts> ReadAsync(NodeName node, CancellationToken cancel)
    {
        var now = GuestFacts.Parse(await api.LogsAsync(node, Lines, cancel));
        return _last.AddOrUpdate(node, now, (_, before) => now with
        {
            Reached = now.Reached ?? before.Reached,
            TcpBroken = now.TcpBroken || before.TcpBroken,
            DiskBad = now.DiskBad || before.DiskBad,
            Crossed = Math.Max(now.Crossed, before.Crossed),
            Heard = Math.Max(now.Heard, before.Heard),
        });
    }

    /// <summary>The facts of several nodes of an environment, in their order.</summary>
    public async Task<ImmutableArray<GuestFacts>> ReadAllAsync(
        string environment, IEnumerable<string> nodes, CancellationToken cancel) =>
        [.. await Task.WhenAll(nodes.Select(node => ReadAsync(new NodeName(environment, node), cancel)))];
}
