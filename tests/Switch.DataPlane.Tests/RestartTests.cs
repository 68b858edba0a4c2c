using Xunit;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A switch that was killed and came back: once frames pass again, they go on to pass.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly MemoryNetwork _network = new();
    private MemorySink _toA = new();
    private MemorySink _toB = new();
    private TestHost _a = null!;
    private TestHost _b = null!;

    public void Dispose() => _network.Dispose();

    [Fact]
    public void Traffic_that_is_back_stays()
    {
        _a = Add("a", 1, Sample.Mac1, Sample.Ip1, _toA);
        _b = Add("b", 2, Sample.Mac2, Sample.Ip2, _toB);
        Apply();
        Assert.InRange(TicksUntilPassing(), 0, 100);
        var random = new Random(11);
        for (int round = 0; round < 60; round++)
        {
            _network.Pass(random.Next(1, 80) * SwitchCore.TickMs);
            bool first = random.Next(2) == 0;
            Restart(first, downTicks: random.Next(0, 60));
            Assert.InRange(TicksUntilPassing(), 0, 300);
            for (int tick = 0; tick < 300; tick++)
                Assert.True(Exchange(), $"round {round}, {(first ? "a" : "b")} restarted: lost after {tick} ticks");
        }
    }

    private void Restart(bool first, int downTicks)
    {
        _network.Remove(first ? _a : _b);
        for (int tick = 0; tick < downTicks; tick++)
            Exchange(first ? _b : _a);
        if (first)
            _a = Add("a", 1, Sample.Mac1, Sample.Ip1, _toA = new MemorySink());
        else
            _b = Add("b", 2, Sample.Mac2, Sample.Ip2, _toB = new MemorySink());
        Apply();
    }

    private int TicksUntilPassing()
    {
        int ticks = 0;
        for (int inARow = 0; inARow < 10 && ticks < 1000; ticks++)
            inARow = Exchange() ? inARow + 1 : 0;
        return ticks;
    }

    // One frame each way and a tick; whether both arrived.
    private bool Exchange()
    {
        int before = _toA.Frames.Count + _toB.Frames.Count;
        Send(_a, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        Send(_b, Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1));
        _network.Pass(SwitchCore.TickMs);
        return _toA.Frames.Count + _toB.Frames.Count == before + 2;
    }

    private void Exchange(TestHost alone)
    {
        Send(alone, alone == _a
            ? Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2)
            : Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1));
        _network.Pass(SwitchCore.TickMs);
    }

    private static void Send(TestHost from, byte[] frame) =>
        from.Core.FromPort(from.Core.Environments["e"], from.Core.Environments["e"].Ports[0], Sample.Super(frame));

    private void Apply() => _network.Apply("e", (_a, Sample.Mac1, Sample.Ip1), (_b, Sample.Mac2, Sample.Ip2));

    private TestHost Add(string id, int number, string mac, string ip, MemorySink sink)
    {
        TestHost host = _network.Add(id, number);
        var plan = new PortPlan("tap", "br", "n" + ip, Sample.Mac(mac), Sample.Ip(ip), Open: true, 1500);
        CoreConfiguration.AddPort(host.Core, "e", plan, sink);
        return host;
    }
}
