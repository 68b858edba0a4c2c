using System.Threading.Channels;
using VioActors.Contracts;

namespace VioActors.Daemon.Server.Agents;

/// <summary>Nodes to tell an actor about, each once however often it was put. Thread-safe; one reader.</summary>
internal sealed class NodeMail
{
    /// <summary>Most nodes that wait; what is put beyond them is told by the agent's next hello.</summary>
    internal const int Most = 16_384;

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _gate = new();
    private HashSet<NodeId> _nodes = [];

    /// <summary>Adds nodes; never waits.</summary>
    public void Put(IEnumerable<NodeId> nodes)
    {
        lock (_gate) _nodes.UnionWith(nodes.Take(Most - _nodes.Count));
        _news.Writer.TryWrite(true);
    }

    /// <summary>Waits until there are nodes, and takes them all.</summary>
    public async Task<IReadOnlyList<NodeId>> TakeAsync(CancellationToken cancel)
    {
        await _news.Reader.ReadAsync(cancel);
        lock (_gate)
        {
            IReadOnlyList<NodeId> all = [.. _nodes];
            _nodes = [];
            return all;
        }
    }
}
