namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// One port with a real driver on a core with a manual clock, and a second port in memory: what node 1 sends arrives
/// in <see cref="Sink"/>, and <see cref="ToNode"/> sends to node 1.
/// </summary>
internal sealed class DriverRig : IDisposable
{
    private readonly Epoll _epoll = new();
    private readonly int[] _ready = new int[16];
    private readonly SwitchPort _other;
    private int _added;

    public DriverRig(IFrameSink? sink = null)
    {
        Ports = new LanePorts(_epoll);
        Host = Network.Add("a", 1);
        Network.Apply("e", (Host, Sample.Mac1, Sample.Ip1), (Host, Sample.Mac2, Sample.Ip2));
        _other = CoreConfiguration.AddPort(
            Host.Core, "e", Plan("other", Sample.Mac2, Sample.Ip2), sink ?? Sink);
    }

    public MemoryNetwork Network { get; } = new();
    public LanePorts Ports { get; }
    public TestHost Host { get; }
    public MemorySink Sink { get; } = new();
    public SwitchPort Port { get; private set; } = null!;
    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("vioport");
    public IPortDriver Driver => Ports.DriverOf(Port)!;

    /// <summary>Plugs a driver in for node 1, in place of the one before.</summary>
    public void Add(IPortDriver driver)
    {
        if (_added++ > 0)
            Remove();
        Port = CoreConfiguration.AddPort(
            Host.Core, "e", Plan("tap" + _added, Sample.Mac1, Sample.Ip1), driver);
        Ports.Add(Host.Core, Host.Core.Environments["e"], Port, driver);
    }

    public void Remove()
    {
        IPortDriver old = Driver;
        Ports.Remove(Port);
        CoreConfiguration.RemovePort(Host.Core, "e", Port);
        old.Dispose();
    }

    /// <summary>One turn of the lane; false when nothing was ready within the time.</summary>
    public bool Turn(int waitMs = 0)
    {
        int count = _epoll.Wait(_ready, Ports.HasMore ? 0 : waitMs);
        bool worked = count > 0 || Ports.HasMore;
        for (int i = 0; i < count; i++)
        {
            Ports.Ready(_ready[i]);
            Ports.Flush();
        }

        Ports.DrainMore();
        Ports.Flush();
        return worked;
    }

    /// <summary>Turns until something holds; at most 2 seconds without anything ready.</summary>
    public void Until(Func<bool> holds)
    {
        for (int idle = 0; !holds() && idle < 20;)
            idle = Turn(100) ? 0 : idle + 1;
        Assert.True(holds());
    }

    /// <summary>Lets the clock go on by ticks.</summary>
    public void Pass(int ms)
    {
        for (int passed = 0; passed < ms; passed += SwitchCore.TickMs)
        {
            Network.Time.Advance(SwitchCore.TickMs);
            Host.Core.UpdateClock();
            Ports.Tick();
        }
    }

    /// <summary>Node 2 sends a super-frame.</summary>
    public void ToNode(Span<byte> superFrame)
    {
        Host.Core.FromPort(Host.Core.Environments["e"], _other, superFrame);
        Ports.Flush();
    }

    /// <summary>A frame from node 1 to node 2, or the other way.</summary>
    public static byte[] Frame(bool toNode, int payload) => toNode
        ? Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1, payload)
        : Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, payload);

    public void Dispose()
    {
        if (_added > 0)
            Remove();
        Network.Dispose();
        _epoll.Dispose();
        Directory.Delete(recursive: true);
    }

    private static PortPlan Plan(string name, string mac, string ip) =>
        new(name, "br", "n" + ip, Sample.Mac(mac), Sample.Ip(ip), true, 1500);
}

/// <summary>Counts what it gets, without keeping it.</summary>
internal sealed class CountSink : IFrameSink
{
    public long Count { get; private set; }

    public bool Write(ReadOnlySpan<byte> superFrame)
    {
        Count++;
        return true;
    }
}
