using System.Threading.Channels;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>
/// Machines that ended since one server was told: each once, and all nodes of the host when too many ended or some may
/// have ended unseen. Collects from its making to its disposal. Thread-safe; one reader.
/// </summary>
internal sealed class EndedNodes : IDisposable
{
    private readonly AgentServices _services;
    private readonly IDisposable _ear;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _gate = new();
    private HashSet<NodeId> _ended = [];
    private bool _any;

    public EndedNodes(AgentServices services)
    {
        _services = services;
        _ear = services.Hypervisor.Ends.Listen(Note);
    }

    /// <summary>Waits until a machine ended, and takes all that did.</summary>
    public async Task<NodesEnded> NextAsync(CancellationToken cancel)
    {
        await _news.Reader.ReadAsync(cancel);
        lock (_gate)
        {
            var nodes = _any ? _services.Agent.Nodes.Take(NodesEnded.Most) : _ended;
            (_any, _ended) = (false, []);
            return new NodesEnded { Nodes = [.. nodes] };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ear.Dispose();

    private void Note(NodeId? node)
    {
        lock (_gate)
        {
            if (node is { } one && _ended.Count < NodesEnded.Most) _ended.Add(one);
            else _any = true;
        }

        _news.Writer.TryWrite(true);
    }
}
