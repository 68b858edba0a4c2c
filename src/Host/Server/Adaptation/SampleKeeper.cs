using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>
/// Keeps the histories of all nodes between rounds, in memory only: after a restart the agents are asked for all they
/// keep. What cannot be is refused, counted and named. One round at a time.
/// </summary>
internal sealed class SampleKeeper(ISampleSource source, TimeProvider clock)
{
    private readonly Dictionary<HostId, DateTimeOffset> _since = [];
    private readonly Dictionary<NodeId, NodeSample> _newest = [];
    private Observations _seen = Observations.None;

    /// <summary>A node's history; empty for a node nobody has seen yet.</summary>
    public SampleHistory History(NodeId node) => _seen.Nodes.GetValueOrDefault(node, SampleHistory.Empty);

    /// <summary>The node's newest sample as its host gave it; null when there is none.</summary>
    public NodeSample? Newest(NodeId node) => _newest.GetValueOrDefault(node);

    /// <summary>Asks all these hosts at once, and takes in what they answer within the time for it.</summary>
    /// <param name="hosts">Which hosts, with their names.</param>
    /// <param name="shares">Every node there is; samples of others are refused.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<Gathered> GatherAsync(
        IReadOnlyDictionary<HostId, string> hosts, IReadOnlyDictionary<NodeId, CpuShare> shares,
        CancellationToken cancel)
    {
        _seen = _seen.Know(shares.Keys);
        foreach (var gone in _newest.Keys.Where(node => !shares.ContainsKey(node)).ToList()) _newest.Remove(gone);
        foreach (var gone in _since.Keys.Where(host => !hosts.ContainsKey(host)).ToList()) _since.Remove(gone);
        var gathered = new Gathered();
        foreach (var group in hosts.Keys.Order().Chunk(AdaptLimits.AgentsAtOnce))
        {
            var answers = await Task.WhenAll(group.Select(host => AskAsync(host, cancel)));
            foreach (var (host, answer) in answers)
            {
                if (answer is null) gathered.Note($"Host {hosts[host]} did not answer; its nodes keep older samples.");
                else Take(host, hosts[host], answer, shares, gathered);
            }
        }

        return gathered;
    }

    private async Task<(HostId Host, HostLook? Answer)> AskAsync(HostId host, CancellationToken cancel) =>
        (host, await source.AskAsync(host, _since.TryGetValue(host, out var since) ? since : null, cancel));

    private void Take(
        HostId host, string name, HostLook answer, IReadOnlyDictionary<NodeId, CpuShare> shares, Gathered gathered)
    {
        if (answer.Ahead.Duration() > AdaptLimits.ClockNote)
            gathered.Note(
                $"The clock of host {name} differs by {answer.Ahead.TotalSeconds:0.0} s; its samples are corrected.");
        var newest = _since.GetValueOrDefault(host, DateTimeOffset.MinValue);
        var since = newest;
        foreach (var node in answer.Samples.Nodes)
            foreach (var sample in node.Newest.Where(one => one.At > since))
            {
                if (sample.At > newest && sample.At <= answer.Samples.Now) newest = sample.At;
                Take(node.Node, sample, shares, gathered);
            }

        if (newest > DateTimeOffset.MinValue) _since[host] = newest;
    }

    private void Take(
        NodeId node, NodeSample given, IReadOnlyDictionary<NodeId, CpuShare> shares, Gathered gathered)
    {
        var cores = shares.TryGetValue(node, out var share) ? share.Given(given) : 1;
        var sample = new Sample(given.At, given.CpuUsedCores, cores, given.MemoryUsedMiB)
        {
            CpuWaitedCores = given.CpuWaitedCores,
            WaitMeasured = true,
            CpuPeakCores = given.CpuPeakCores,
        };
        // Known from another host, or from a moment ago by a clock that was corrected otherwise then.
        if (History(node).Newest is [{ } last, ..] && given.At <= last.At) return;
        (_seen, var refused) = _seen.Add(node, sample, clock.GetUtcNow());
        if (refused is not null)
        {
            gathered.Refuse(refused.Reason);
            return;
        }

        gathered.Samples++;
        _newest[node] = given;
    }
}

/// <summary>What a node could have of its host when all its neighbours are busy.</summary>
/// <param name="Share">By its weight among them, in cores.</param>
/// <param name="Most">Its virtual CPUs, in cores.</param>
/// <param name="QuotaPercent">Its limit, percent of one core; null: none.</param>
internal sealed record CpuShare(double Share, double Most, int? QuotaPercent)
{
    private const double LeastCores = 0.01;
    private const double Waiting = 0.05;

    /// <summary>
    /// CPU it was given while this was measured. A node that did not wait had all that it could use; one that waited
    /// had its share, or more where its neighbours left some.
    /// </summary>
    public double Given(NodeSample sample)
    {
        var most = Math.Min(Most, (sample.CpuQuotaPercent ?? QuotaPercent ?? int.MaxValue) / 100.0);
        return sample.CpuWaitedCores < Waiting
            ? Math.Max(LeastCores, most)
            : Math.Max(LeastCores, Math.Min(most, Math.Max(Share, sample.CpuUsedCores)));
    }
}

/// <summary>What a round of questions gave.</summary>
internal sealed class Gathered
{
    private const int MostNotes = 24;
    private readonly List<string> _notes = [];

    /// <summary>Samples that were taken.</summary>
    public int Samples { get; set; }

    /// <summary>Samples that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>What is worth saying, bounded.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Says something, while there is room.</summary>
    public void Note(string text)
    {
        if (_notes.Count < MostNotes) _notes.Add(text);
    }

    /// <summary>Counts a refused sample, and says why.</summary>
    public void Refuse(string why)
    {
        Refused++;
        Note(why);
    }
}
