namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Three nodes, each on a host as a test says, that use link-local addresses of their own choice.</summary>
internal sealed class LinkLocalRig : IDisposable
{
    /// <summary>After so long nobody objects to a claim any more.</summary>
    public const int SettledMs = 500;

    private static readonly string[] Macs = [Sample.Mac1, Sample.Mac2, Sample.Mac3];
    private static readonly string[] Ips = [Sample.Ip1, Sample.Ip2, Sample.Ip3];
    private readonly string _hosts;
    private readonly (SwitchPort Port, MemorySink Sink)[] _ports = new (SwitchPort, MemorySink)[3];

    /// <param name="hosts">A letter per node: its host.</param>
    /// <param name="away">Hosts that are not there yet, though the others are told of them.</param>
    public LinkLocalRig(string hosts, string away = "")
    {
        _hosts = hosts;
        foreach (char host in hosts.Distinct())
            Hosts[host] = Network.Add(host.ToString(), host - 'a' + 1);
        foreach (char host in hosts.Distinct().Where(h => !away.Contains(h)))
            Come(host);
        Network.Pass(1000);
    }

    public MemoryNetwork Network { get; } = new();

    public Dictionary<char, TestHost> Hosts { get; } = [];

    /// <summary>An address that a node may choose; the same number gives the same one.</summary>
    public static Ipv6 Chosen(int number) => new(0xFE80UL << 48, (ulong)(0x1234_5678_9ABC_0000 + number));

    public static MacAddress Mac(int node) => Sample.Mac(Macs[node - 1]);

    public SwitchPort Port(int node) => _ports[node - 1].Port;

    public long Count(int node, PortCount counter) => Port(node).Counters[counter];

    /// <summary>The frames that a node got since the last call.</summary>
    public byte[][] Got(int node)
    {
        byte[][] got = [.. _ports[node - 1].Sink.Frames];
        _ports[node - 1].Sink.Frames.Clear();
        return got;
    }

    /// <summary>A host gets its table, and its nodes their ports.</summary>
    public void Come(char host, string? preBoundOfFirst = null)
    {
        Apply(host, preBoundOfFirst);
        for (int node = 1; node <= 3; node++)
        {
            if (_hosts[node - 1] != host)
                continue;
            _ports[node - 1] = Hosts[host].AddPort("e", Macs[node - 1], Ips[node - 1]);
        }
    }

    public void Apply(char host, string? preBoundOfFirst = null) => Hosts[host].Apply(new EnvironmentPlan(
        "e", [.. Hosts.Where(h => h.Key != host).Select(h => h.Value.Plan)], null, [],
        [.. Enumerable.Range(0, 3).Select(i => Sample.Node(
            _hosts[i].ToString(), Macs[i], Ips[i], i == 0 ? preBoundOfFirst : null))]));

    /// <summary>Looks whether an address is free, as a node does before it uses one; not on its way yet.</summary>
    public void Probe(int node, Ipv6 address) => Send(node, Sample6.Neighbor(
        "33:33:ff:bc:00:01", Macs[node - 1], default, NeighborMessage.Solicitation, address));

    /// <summary>A node looks whether an address is free, and waits until it may use it.</summary>
    public void Settle(int node, Ipv6 address)
    {
        Probe(node, address);
        Network.Pass(SettledMs);
    }

    public void Data(int node, int to, Ipv6 from) => Send(node, Packet(node, to, from));

    public static byte[] Packet(int node, int to, Ipv6 from) => Sample6.Packet(
        Macs[to - 1], Macs[node - 1], from, Ipv6.LinkLocalOf(Mac(to)), 6, new byte[40], hops: 64);

    /// <summary>Asks who has an address.</summary>
    public void Ask(int node, Ipv6 target) => Send(node, Sample6.Neighbor(
        "33:33:ff:bc:00:01", Macs[node - 1], Ipv6.LinkLocalOf(Mac(node)), NeighborMessage.Solicitation, target,
        Macs[node - 1]));

    /// <summary>Answers that it has one.</summary>
    public void Answer(int node, int to, Ipv6 target) => Send(node, Sample6.Neighbor(
        Macs[to - 1], Macs[node - 1], target, NeighborMessage.Advertisement, target, Macs[node - 1], flags: 0x60));

    public void Send(int node, byte[] frame) =>
        Hosts[_hosts[node - 1]].FromNode("e", Port(node), frame);

    /// <summary>What a host holds of an address.</summary>
    public LinkLocalClaim? At(char host, Ipv6 address) => Hosts[host].Core.Environments["e"].LinkLocals.Find(address);

    /// <summary>Whether a frame says that a node has an address.</summary>
    public static bool Says(byte[] frame, int node, Ipv6 address) =>
        NeighborMessage.TryParse(FrameView.Parse(frame), out NeighborMessage message)
        && message.Type == NeighborMessage.Advertisement && message.Target == address
        && FrameView.Parse(frame).Source == Mac(node) && message.TellsLinkLayer && !message.TellsOther;

    public void Dispose() => Network.Dispose();
}
