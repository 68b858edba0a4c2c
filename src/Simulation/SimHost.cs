using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Simulation;

/// <summary>What can be told to fail on a simulated host.</summary>
public enum SimCall
{
    /// <summary>Fetching images and making disks.</summary>
    Prepare,

    /// <summary>Starting a machine.</summary>
    Start,

    /// <summary>Stopping a machine.</summary>
    Stop,

    /// <summary>Removing a node.</summary>
    Remove,

    /// <summary>Changing a machine.</summary>
    Resize,

    /// <summary>Making ready for a move.</summary>
    PrepareIncoming,

    /// <summary>A move, half way.</summary>
    Move,

    /// <summary>The answer to a move: the machine has changed hands, and the source hears of a failure.</summary>
    MoveAnswer,

    /// <summary>Looking.</summary>
    Observe,

    /// <summary>Applying the switch's wanted state.</summary>
    ApplySwitch,
}

/// <summary>
/// A simulated host: its machines and disks stay when its agent restarts. Change it through its methods only.
/// </summary>
public sealed class SimHost
{
    private readonly Dictionary<SimCall, int> _failNext = [];
    private DateTimeOffset _settled;

    internal SimHost(SimWorld world, HostId id, int cores, int memoryMiB)
    {
        World = world;
        Id = id;
        Cores = cores;
        MemoryMiB = memoryMiB;
        _settled = world.Time.GetUtcNow();
    }

    /// <summary>The host.</summary>
    public HostId Id { get; }

    /// <summary>Its cores.</summary>
    public int Cores { get; }

    /// <summary>Its memory for nodes, MiB.</summary>
    public int MemoryMiB { get; }

    /// <summary>Whether it is off.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Guests of these nodes execute but never come up.</summary>
    public HashSet<NodeId> NeverBoots { get; } = [];

    /// <summary>No guest that starts here from now on comes up.</summary>
    public bool NeverBootsAny { get; set; }

    /// <summary>Guests of these nodes ignore their balloon.</summary>
    public HashSet<NodeId> IgnoresBalloon { get; } = [];

    internal MachineEnds Ends { get; } = new();

    internal SimWorld World { get; }

    internal Dictionary<NodeId, SimDomain> Domains { get; } = [];

    internal HashSet<NodeId> Disks { get; } = [];

    internal Dictionary<NodeId, SimIncoming> Incoming { get; } = [];

    /// <summary>CPU time that everything here has used, in seconds of one core.</summary>
    internal double CpuSeconds { get; private set; }

    internal SwitchWanted? Applied { get; set; }

    /// <summary>Makes the next calls of a kind fail.</summary>
    public void FailNext(SimCall call, int times = 1)
    {
        lock (World.Gate) _failNext[call] = times;
    }

    /// <summary>Forgets every failure that was ordered and has not happened.</summary>
    public void FailNothing()
    {
        lock (World.Gate) _failNext.Clear();
    }

    /// <summary>Switches the host off at once: its machines end, its disks stay.</summary>
    public void Kill()
    {
        lock (World.Gate)
        {
            Settle();
            IsDead = true;
            foreach (var node in Domains.Keys) World.Mourn(node);
            Domains.Clear();
            Incoming.Clear();
            Applied = null;
        }
    }

    /// <summary>
    /// The machine of a node ends by itself, as when its guest crashes; its disk stays. False when none is here.
    /// </summary>
    public bool EndMachine(NodeId node)
    {
        lock (World.Gate)
        {
            Settle();
            if (!Domains.Remove(node)) return false;
            World.Mourn(node);
        }

        Ends.Tell(node);
        return true;
    }

    /// <summary>Switches a dead host on again, with nothing running.</summary>
    public void Revive()
    {
        lock (World.Gate)
        {
            IsDead = false;
            _settled = World.Time.GetUtcNow();
        }
    }

    /// <summary>Nodes that have a machine here.</summary>
    public IReadOnlyList<NodeId> Machines
    {
        get { lock (World.Gate) return [.. Domains.Keys.Order()]; }
    }

    /// <summary>What a machine's guest has, its emulator's part not counted, MiB; 0 when none is here.</summary>
    public int MemoryOf(NodeId node)
    {
        lock (World.Gate) return Domains.GetValueOrDefault(node)?.ActualMemoryMiB ?? 0;
    }

    /// <summary>Whether a copy of any machine away from here is under way.</summary>
    public bool IsCopying
    {
        get { lock (World.Gate) return Domains.Values.Any(domain => domain.ActiveMove is not null); }
    }

    /// <summary>Everything of which something is kept here.</summary>
    public IReadOnlyList<NodeId> Kept
    {
        get { lock (World.Gate) return [.. Domains.Keys.Union(Disks).Union(Incoming.Keys).Order()]; }
    }

    /// <summary>Whether anything of this node is kept here: machine, disk or an open way in.</summary>
    public bool Keeps(NodeId node)
    {
        lock (World.Gate) return Domains.ContainsKey(node) || Disks.Contains(node) || Incoming.ContainsKey(node);
    }

    /// <summary>Whether anything of any node is kept here.</summary>
    public bool KeepsAnything
    {
        get { lock (World.Gate) return Domains.Count + Disks.Count + Incoming.Count > 0; }
    }

    internal bool Executes(NodeId node) =>
        !IsDead && Domains.GetValueOrDefault(node)?.Presence == NodePresence.Running;

    internal bool ShouldFail(SimCall call)
    {
        if (_failNext.GetValueOrDefault(call) == 0) return false;
        _failNext[call]--;
        return true;
    }

    /// <summary>Adds up the guests' work since the last change; call under the gate before any change.</summary>
    internal void Settle()
    {
        var now = World.Time.GetUtcNow();
        var running = Domains.Values.Where(domain => domain.Presence == NodePresence.Running).ToList();
        while (_settled < now)
        {
            var wants = running.ConvertAll(domain => World.LoadOf(domain.Shape.Node, _settled));
            var until = wants.Select(one => one.Until).Append(now).Min();
            var seconds = (until - _settled).TotalSeconds;
            var most = running.Zip(wants, (domain, one) => Math.Min(domain.MostCores, domain.Wants(one.Load))).ToList();
            var rates = SimShares.Rates(Cores, [.. running.Zip(most, (domain, limit) => (domain.Weight, limit))]);
            for (var i = 0; i < running.Count; i++) running[i].Spend(wants[i].Load, rates[i], most[i], seconds);
            CpuSeconds += rates.Sum() * seconds;
            _settled = until;
        }
        _settled = now;
    }
}

/// <summary>An open way in.</summary>
internal sealed record SimIncoming(OperationId Move, HostId From, NodeShape Shape);

/// <summary>A simulated machine.</summary>
internal sealed class SimDomain(NodeShape shape, DateTimeOffset started)
{
    public NodeShape Shape { get; } = shape;
    public NodePresence Presence { get; set; } = NodePresence.Running;
    public DateTimeOffset Started { get; set; } = started;
    public bool Booted { get; set; }
    public int ActualMemoryMiB { get; set; } = shape.MemoryMiB;
    public int Weight { get; set; } = shape.CpuWeight;
    public int? QuotaPercent { get; set; } = shape.CpuQuotaPercent;
    public double Work { get; private set; }
    public double Waited { get; private set; }
    public double Throttled { get; private set; }
    public double Received { get; private set; }
    public double Sent { get; private set; }
    public OperationId? ActiveMove { get; set; }
    public bool AbortAsked { get; set; }

    public double MostCores => Math.Min(Shape.Vcpus, (QuotaPercent ?? int.MaxValue) / 100.0);

    public double Wants(SimLoad load) => Math.Clamp(load.Cores, 0, Shape.Vcpus);

    /// <summary>Lets time pass in which it got so many cores of at most so many that its quota allows.</summary>
    public void Spend(SimLoad load, double cores, double most, double seconds)
    {
        Work += cores * seconds;
        Waited += Math.Max(0, Wants(load) - cores) * seconds;
        Throttled += Math.Max(0, Wants(load) - most) * seconds;
        Received += load.ReceivedBytesPerSecond * seconds;
        Sent += load.SentBytesPerSecond * seconds;
    }
}

/// <summary>How busy guests share a host's cores.</summary>
internal static class SimShares
{
    /// <summary>
    /// Cores that each gets: by weight, never above its own limit; what one cannot use the others share.
    /// </summary>
    public static double[] Rates(double cores, IReadOnlyList<(int Weight, double Most)> guests)
    {
        var rates = new double[guests.Count];
        var open = Enumerable.Range(0, guests.Count).ToList();
        while (open.Count > 0 && cores > 1e-9)
        {
            var weights = open.Sum(i => (double)guests[i].Weight);
            var full = open.Where(i => guests[i].Most <= cores * guests[i].Weight / weights).ToList();
            if (full.Count == 0)
            {
                foreach (var i in open) rates[i] = cores * guests[i].Weight / weights;
                return rates;
            }
            foreach (var i in full) rates[i] = guests[i].Most;
            cores -= full.Sum(i => guests[i].Most);
            open = [.. open.Except(full)];
        }
        return rates;
    }
}
