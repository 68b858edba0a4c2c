using VioActors.Contracts;

namespace VioActors.Simulation;

/// <summary>How fast things of a simulated world are.</summary>
public sealed record SimSpeeds
{
    /// <summary>From start to the guest's first answer on the network. Default 2 s.</summary>
    public TimeSpan Boot { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From a balloon target to the guest's confirmation. Default 500 ms.</summary>
    public TimeSpan Balloon { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What a move copies per second, MiB. Default 100.</summary>
    public double CopyMiBps { get; init; } = 100;

    /// <summary>How long a moving guest does not execute. Default 40 ms.</summary>
    public TimeSpan Downtime { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Round trip between a prober and a guest. Default 300 us.</summary>
    public TimeSpan RoundTrip { get; init; } = TimeSpan.FromMicroseconds(300);

    /// <summary>How long a guest with working software takes to shut down when asked. Default 1 s.</summary>
    public TimeSpan Shutdown { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>
/// Machines and hosts of a simulation, under one clock. It is the truth that agents only observe: it outlives them, and
/// it counts how many copies of a node execute. Thread-safe.
/// </summary>
public sealed class SimWorld(TimeProvider time, SimSpeeds? speeds = null)
{
    private readonly Dictionary<HostId, SimHost> _hosts = [];
    private readonly List<string> _violations = [];
    private readonly List<(NodeId, DateTimeOffset)> _deaths = [];
    private readonly Dictionary<NodeId, int> _mostCopies = [];
    private readonly Dictionary<NodeId, SimScript> _scripts = [];

    /// <summary>How fast things are.</summary>
    public SimSpeeds Speeds { get; } = speeds ?? new SimSpeeds();

    /// <summary>The world's clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>Everything seen that must never be: empty in a correct system.</summary>
    public IReadOnlyList<string> Violations
    {
        get { lock (Gate) return [.. _violations]; }
    }

    /// <summary>Machines that ended without being told to, oldest first.</summary>
    public IReadOnlyList<(NodeId Node, DateTimeOffset At)> Deaths
    {
        get { lock (Gate) return [.. _deaths]; }
    }

    internal Lock Gate { get; } = new();

    /// <summary>Adds a host, switched on.</summary>
    public SimHost AddHost(HostId id, int cores = 4, int memoryMiB = 8192)
    {
        var host = new SimHost(this, id, cores, memoryMiB);
        lock (Gate) _hosts.Add(id, host);
        return host;
    }

    /// <summary>A host, or null.</summary>
    public SimHost? Find(HostId id)
    {
        lock (Gate) return _hosts.GetValueOrDefault(id);
    }

    /// <summary>How many copies of a node execute now.</summary>
    public int RunningCopies(NodeId node)
    {
        lock (Gate) return Copies(node);
    }

    /// <summary>The most copies of a node that ever executed at once.</summary>
    public int MostCopies(NodeId node)
    {
        lock (Gate) return _mostCopies.GetValueOrDefault(node);
    }

    /// <summary>Seconds of one core that a node's guest has worked, wherever it ran.</summary>
    public double WorkDone(NodeId node)
    {
        lock (Gate)
        {
            foreach (var host in _hosts.Values) host.Settle();
            return _hosts.Values.Sum(host => host.Domains.GetValueOrDefault(node)?.Work ?? 0);
        }
    }

    /// <summary>
    /// What a node's guest wants from now on, wherever it runs: the phases in turn, the last one for ever. Without a
    /// script it wants all its virtual CPUs.
    /// </summary>
    public void Script(NodeId node, params SimPhase[] phases)
    {
        lock (Gate)
        {
            foreach (var host in _hosts.Values) host.Settle();
            _scripts[node] = new SimScript(Time.GetUtcNow(), phases);
        }
    }

    /// <summary>What a node's guest wants at a time, and until when; call under <see cref="Gate"/>.</summary>
    internal (SimLoad Load, DateTimeOffset Until) LoadOf(NodeId node, DateTimeOffset at) =>
        _scripts.TryGetValue(node, out var script) ? script.At(at) : (SimLoad.Busy, DateTimeOffset.MaxValue);

    internal IEnumerable<SimHost> Hosts => _hosts.Values;

    /// <summary>Call under <see cref="Gate"/> when a machine ends by itself.</summary>
    internal void Mourn(NodeId node) => _deaths.Add((node, Time.GetUtcNow()));

    /// <summary>Call under <see cref="Gate"/> after any change of what executes.</summary>
    internal void Count(NodeId node)
    {
        var copies = Copies(node);
        if (copies > _mostCopies.GetValueOrDefault(node)) _mostCopies[node] = copies;
        if (copies > 1)
            _violations.Add($"{Time.GetUtcNow():O}: node {node} executes on {copies} hosts: "
                + string.Join(", ", _hosts.Values.Where(host => host.Executes(node)).Select(host => host.Id.Value)));
    }

    private int Copies(NodeId node) => _hosts.Values.Count(host => host.Executes(node));
}
