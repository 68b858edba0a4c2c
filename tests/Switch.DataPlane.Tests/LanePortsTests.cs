namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Several ports on one lane: each gets its turn, is flushed once and is forgotten when it goes.</summary>
public sealed class LanePortsTests : IDisposable
{
    private readonly MemoryNetwork _network = new();
    private readonly Epoll _epoll = new();
    private readonly LanePorts _ports;
    private readonly TestHost _host;
    private readonly MemorySink _sink;

    public LanePortsTests()
    {
        _ports = new LanePorts(_epoll);
        _host = _network.Add("a", 1);
        _network.Apply("e", (_host, Sample.Mac1, Sample.Ip1), (_host, Sample.Mac2, Sample.Ip2));
        (_, _sink) = _host.AddPort("e", Sample.Mac2, Sample.Ip2);
    }

    public void Dispose()
    {
        _network.Dispose();
        _epoll.Dispose();
    }

    [Fact]
    public void APortWithMoreThanABatchComesBackAfterTheOthersHadTheirTurn()
    {
        using var driver = new QueueDriver(frames: 2 * Limits.Batch + 1);
        Add(driver);
        Wait();
        Assert.Equal(Limits.Batch, _sink.Frames.Count);
        Assert.True(_ports.HasMore);
        _ports.DrainMore();
        _ports.DrainMore();
        Assert.Equal(2 * Limits.Batch + 1, _sink.Frames.Count);
        Assert.False(_ports.HasMore);
        _ports.DrainMore();
        Assert.Equal(3, driver.Drains);
    }

    [Fact]
    public void ADrainWithManyFramesIsFlushedOnce()
    {
        using var driver = new QueueDriver(frames: 5);
        Add(driver);
        Wait();
        Assert.Equal(0, driver.Flushes);
        _ports.Flush();
        _ports.Flush();
        Assert.Equal(1, driver.Flushes);
    }

    [Fact]
    public void APortThatIsGoneGetsNoTurn()
    {
        using var driver = new QueueDriver(frames: 2 * Limits.Batch);
        SwitchPort port = Add(driver);
        Wait();
        Assert.Same(driver, _ports.DriverOf(port));
        _ports.Remove(port);
        _ports.DrainMore();
        _ports.Flush();
        _ports.Ready(driver.Fd);
        _ports.Tick();
        Assert.Equal((1, 0, 0), (driver.Drains, driver.Flushes, driver.Ticks));
        Assert.Null(_ports.DriverOf(port));
        Assert.Equal(0, _epoll.Wait(stackalloc int[4], 0));
    }

    private SwitchPort Add(QueueDriver driver)
    {
        SwitchPort port = CoreConfiguration.AddPort(_host.Core, "e", new PortPlan(
            "tap1", "br1", "n1", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), true, 1500), driver);
        _ports.Add(_host.Core, _host.Core.Environments["e"], port, driver);
        return port;
    }

    private void Wait()
    {
        Span<int> ready = stackalloc int[4];
        foreach (int fd in ready[.._epoll.Wait(ready, 1000)])
            _ports.Ready(fd);
    }

    /// <summary>A driver whose frames wait in memory, behind an eventfd.</summary>
    private sealed class QueueDriver(int frames) : IPortDriver
    {
        private readonly byte[] _frame =
            Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        private int _left = frames;
        private LanePort? _port;

        public int Fd { get; } = LibC.eventfd(1, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);
        public int Drains { get; private set; }
        public int Flushes { get; private set; }
        public int Ticks { get; private set; }
        public PortKind Kind => PortKind.Joint;
        public string Offloads => "";
        public string? Trouble => null;

        public void Attach(LanePort port)
        {
            _port = port;
            Assert.True(port.TryWatch(Fd));
        }

        public void Detach() => _port!.Unwatch(Fd);

        public bool Drain(int fd)
        {
            Drains++;
            for (int i = 0; i < Limits.Batch && _left > 0; i++, _left--)
            {
                _port!.Take(_frame);
                _port.FlushLater();
            }

            return _left > 0;
        }

        public bool Write(ReadOnlySpan<byte> superFrame) => true;

        public void Flush() => Flushes++;

        public void Tick() => Ticks++;

        public void Dispose() => _ = LibC.close(Fd);
    }
}
