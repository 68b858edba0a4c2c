using System.Net;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// Several switch cores joined by an in-memory network with a manual clock: the production code without descriptors.
/// Datagrams wait in a queue until <see cref="Run"/>; a filter may drop, copy or change them.
/// </summary>
internal sealed class MemoryNetwork : IDisposable
{
    private readonly Dictionary<(string Id, int Lane), TestHost> _hosts = [];
    private readonly Queue<Datagram> _queue = new();

    public MemoryNetwork() => Site = new TestSite("site1", Time.GetUtcNow());

    public ManualTime Time { get; } = new();
    public TestSite Site { get; }

    /// <summary>Sees every datagram before delivery; false drops it.</summary>
    public Func<Datagram, bool> Filter { get; set; } = _ => true;

    /// <summary>Changes every datagram that the filter let through; null drops it.</summary>
    public Func<Datagram, Datagram?> Route { get; set; } = d => d;

    /// <summary>Changes every datagram when it is sent.</summary>
    public Func<Datagram, Datagram> Leave { get; set; } = d => d;

    public TestHost Add(string id, int number, Func<CoreSettings, CoreSettings>? change = null, TestSite? site = null,
        string? uri = null)
    {
        var host = new TestHost(
            this, id, new IPEndPoint(new IPAddress([10, 9, 0, (byte)number]), 7946), change, site ?? Site, uri);
        _hosts[(id, 0)] = host;
        return host;
    }

    /// <summary>A host of several lanes: the first one, which names the others.</summary>
    public TestHost AddLanes(string id, int number, int lanes, Func<CoreSettings, CoreSettings>? change = null)
    {
        var group = new LaneGroup(lanes, Time);
        var all = new List<TestHost>();
        for (int lane = 0; lane < lanes; lane++)
        {
            byte own = (byte)lane;
            var host = new TestHost(
                this, id, new IPEndPoint(new IPAddress([10, 9, 0, (byte)number]), 7946 + lane),
                settings => (change?.Invoke(settings) ?? settings) with { Lane = own }, Site, uri: null, group)
            {
                Lanes = all,
            };
            _hosts[(id, lane)] = host;
            all.Add(host);
        }

        return all[0];
    }

    public void Remove(TestHost host)
    {
        _hosts.Remove((host.Id, host.Core.Settings.Lane));
        host.Dispose();
    }

    public void Enqueue(Datagram datagram) => _queue.Enqueue(datagram);

    /// <summary>Delivers until nothing is on the way.</summary>
    public void Run()
    {
        for (int turn = 0; turn < 1000 && (turn == 0 || _queue.Count > 0); turn++)
        {
            Deliver();
            foreach (TestHost host in _hosts.Values)
            {
                host.Core.UpdateClock();
                host.Core.Lanes.InboxOf(host.Core.Settings.Lane).Drain(host.Core);
            }
        }
    }

    private void Deliver()
    {
        for (int i = 0; i < 200_000 && _queue.TryDequeue(out Datagram? datagram); i++)
        {
            if (!Filter(datagram) || Route(datagram) is not { } routed)
                continue;
            datagram = routed;
            TestHost? to = _hosts.Values.FirstOrDefault(h => h.Address.EndPoint.Equals(datagram.To));
            to?.Core.UpdateClock();
            to?.Core.FromNetwork(datagram.Bytes, SocketAddress.From(datagram.From).Bytes, datagram.TrafficClass);
        }
    }

    /// <summary>Lets time pass in steps of a tick.</summary>
    public void Pass(int ms)
    {
        for (int passed = 0; passed < ms; passed += SwitchCore.TickMs)
        {
            Time.Advance(SwitchCore.TickMs);
            foreach (TestHost host in _hosts.Values)
            {
                host.Core.UpdateClock();
                host.Core.Tick();
                host.Core.Prober.Tick(SwitchCore.TickMs);
                host.Kernel?.Flush();
            }

            Run();
        }
    }

    /// <summary>The same environment with one node per host, applied to all hosts.</summary>
    public void Apply(string environment, params (TestHost Host, string Mac, string Ip)[] nodes)
    {
        foreach (TestHost host in _hosts.Values)
            host.Apply(environment, nodes);
    }

    public void Dispose()
    {
        foreach (TestHost host in _hosts.Values)
            host.Dispose();
        Site.Dispose();
    }
}

/// <param name="From">Address of the sender.</param>
/// <param name="To">Address of the receiver.</param>
/// <param name="Bytes">Payload.</param>
/// <param name="Whole">Whether nobody may cut it on its way.</param>
/// <param name="TrafficClass">DSCP and ECN.</param>
internal sealed record Datagram(
    IPEndPoint From, IPEndPoint To, byte[] Bytes, bool Whole = false, byte TrafficClass = 0);

/// <summary>Frames that a port wrote.</summary>
internal sealed class MemorySink : IFrameSink
{
    public List<byte[]> Frames { get; } = [];

    public bool Write(ReadOnlySpan<byte> superFrame)
    {
        Frames.Add(superFrame[Limits.VnetHeaderBytes..].ToArray());
        return true;
    }
}

/// <param name="On">The port of each lane.</param>
/// <param name="Sinks">What each lane wrote.</param>
internal sealed record LanedPort(SwitchPort[] On, MemorySink[] Sinks)
{
    /// <summary>Frames that the node got, by whatever lane.</summary>
    public int Got => Sinks.Sum(sink => sink.Frames.Count);
}

internal sealed class TestHost : IDatagramLink, IDisposable
{
    private readonly MemoryNetwork _network;
    private readonly SwitchIdentity _identity = new();
    private readonly PeerVerifier _verifier;
    private readonly Dictionary<string, EnvironmentPlan> _plans = [];

    public TestHost(MemoryNetwork network, string id, IPEndPoint endPoint, Func<CoreSettings, CoreSettings>? change,
        TestSite site,
        string? uri, LaneGroup? lanes = null)
    {
        Lanes = [this];
        _network = network;
        Id = id;
        Address = SocketAddress.From(endPoint);
        _verifier = new PeerVerifier(network.Site.Id, network.Site.CaPem, network.Time);
        _identity.Install(site.Prove(_identity, id, network.Time.GetUtcNow().AddDays(2), uri));
        var settings = new CoreSettings { HostId = id, Lane = 0, MaxSlicePayload = 1412, Isolated = true };
        Core = new SwitchCore(change?.Invoke(settings) ?? settings, network.Time, this, _identity, _verifier, lanes);
    }

    public string Id { get; }
    public SocketAddress Address { get; }
    public SwitchCore Core { get; }

    /// <summary>This one, or all lanes of the host that it is a lane of.</summary>
    public IReadOnlyList<TestHost> Lanes { get; init; }

    /// <summary>How many lanes others believe that it has; null: those it has.</summary>
    public int? KnownLanes { get; set; }

    /// <summary>A kernel between this host and the network; null passes datagrams on one by one.</summary>
    public RunKernel? Kernel { get; set; }

    public void Send(ReadOnlySpan<byte> datagram, SocketAddress to, byte trafficClass)
    {
        if (Kernel is { } kernel)
            kernel.Send(datagram.ToArray(), to, (bytes, target) => Pass(bytes, target, trafficClass));
        else
            Pass(datagram.ToArray(), to, trafficClass);
    }

    private void Pass(byte[] datagram, SocketAddress to, byte trafficClass) => _network.Enqueue(_network.Leave(
        new Datagram(Address.EndPoint, to.EndPoint, datagram, TrafficClass: trafficClass)));

    public void SendWhole(ReadOnlySpan<byte> datagram, SocketAddress to) =>
        _network.Enqueue(_network.Leave(new Datagram(Address.EndPoint, to.EndPoint, datagram.ToArray(), Whole: true)));

    public void Apply(string environment, (TestHost Host, string Mac, string Ip)[] nodes) =>
        Apply(new EnvironmentPlan(environment,
        [.. nodes.Where(n => n.Host.Id != Id).Select(n => n.Host.Plan).DistinctBy(p => p.Host)],
        null, [], [.. nodes.Select(n => Sample.Node(n.Host.Id, n.Mac, n.Ip))]));

    /// <summary>How others are told of it.</summary>
    public PeerPlan Plan => new(Id, Lanes[0].Address.EndPoint) { Lanes = KnownLanes ?? Lanes.Count };

    public void Apply(EnvironmentPlan plan)
    {
        Core.UpdateClock();
        _plans[plan.Id] = plan;
        CoreConfiguration.Configure(Core, new StatePlan(1, [.. _plans.Values], []));
    }

    public (SwitchPort Port, MemorySink Sink) AddPort(string environment, string mac, string ip, bool open = true)
    {
        var sink = new MemorySink();
        SwitchPort port = CoreConfiguration.AddPort(Core, environment, new PortPlan($"tap{mac[^2..]}", "br", "n" + ip,
            Sample.Mac(mac), Sample.Ip(ip), open, 1500), sink);
        return (port, sink);
    }

    /// <summary>One port on all lanes: each with an end of its own.</summary>
    public LanedPort AddLanedPort(string environment, string mac, string ip, PortPlan? plan = null)
    {
        plan ??= new PortPlan($"tap{mac[^2..]}", "br", "n" + ip, Sample.Mac(mac), Sample.Ip(ip), true, 1500);
        var gate = new PortGate { IsOpen = plan.Open };
        var sinks = Lanes.Select(_ => new MemorySink()).ToArray();
        return new LanedPort(
            [.. Lanes.Select((lane, i) =>
                CoreConfiguration.AddPort(lane.Core, environment, plan, sinks[i], gate))], sinks);
    }

    public PeerTunnel Peer(string environment, TestHost other) => Core.Environments[environment].PeerOf(other.Id)!;

    public void FromNode(string environment, SwitchPort port, byte[] frame)
    {
        Core.UpdateClock();
        Core.FromPort(Core.Environments[environment], port, Sample.Super(frame));
    }

    public void Dispose()
    {
        Core.Dispose();
        _verifier.Dispose();
        _identity.Dispose();
    }
}
