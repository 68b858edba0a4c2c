using VioActors.Runtime;

namespace VioActors.Simulation.Cluster;

/// <summary>
/// How servers reach each other: calls are late, lost before or after they took effect, and hints are lost or doubled.
/// </summary>
internal sealed class SimLinks(SimCluster cluster, ClusterChaos chaos) : IPeers
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public async Task<AskResult> AskAsync(ServerRow server, PeerAsk ask, CancellationToken cancel)
    {
        await DelayAsync();
        if (chaos.Draw("peer cut off", chaos.LinkLoss) || cluster.Find(server) is not { } life)
            throw new PeerUnreachableException(server.Name, "the link is cut");
        var answered = AskAsync(life, ask, cancel);
        if (await Task.WhenAny(answered, life.Gate.Ended) != answered)
            throw new OutcomeUnknownException($"Server {server.Name} died with the request.");
        var result = await answered;
        await DelayAsync();
        return chaos.Draw("answer of a peer lost", chaos.LinkLoss)
            ? throw new OutcomeUnknownException($"Server {server.Name} took the request and did not answer.")
            : result;
    }

    /// <inheritdoc/>
    public async Task<string?> ReadAsync(ServerRow server, ActorKey actor, CancellationToken cancel)
    {
        await DelayAsync();
        if (cluster.Find(server) is not { } life) throw new NotServingException("The link is cut.");
        var read = ReadAsync(life, actor, cancel);
        return await Task.WhenAny(read, life.Gate.Ended) == read
            ? await read
            : throw new NotServingException($"Server {server.Name} died with the request.");
    }

    /// <inheritdoc/>
    public async Task WakeAsync(ServerRow server, IReadOnlyList<int> shards)
    {
        var times = chaos.Draw("hint lost", chaos.LinkLoss) ? 0 : chaos.Draw("hint doubled", chaos.LinkLoss) ? 2 : 1;
        for (var i = 0; i < times; i++)
        {
            await DelayAsync();
            if (cluster.Find(server) is not { } life) return;
            await life.Gate.PassAsync();
            life.System.Wake(shards);
        }
    }

    private static async Task<AskResult> AskAsync(ServerLife life, PeerAsk ask, CancellationToken cancel)
    {
        await life.Gate.PassAsync();
        return await life.System.AskForPeerAsync(ask, cancel);
    }

    private static async Task<string?> ReadAsync(ServerLife life, ActorKey actor, CancellationToken cancel)
    {
        await life.Gate.PassAsync();
        return await life.System.ReadForPeerAsync(actor, cancel);
    }

    private Task DelayAsync() => Task.Delay(chaos.Between(TimeSpan.Zero, Longest), cluster.Time);
}
