namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A port's limits hold, whatever the node sends and wherever it goes.</summary>
public sealed class PortLimitTests : IDisposable
{
    private const int Kbps = 8000;
    private const int Ms = 10_000;
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    public static TheoryData<bool, bool, string, int> Ways
    {
        get
        {
            var all = new TheoryData<bool, bool, string, int>();
            foreach (bool oneHost in (bool[])[true, false])
            {
                foreach (bool toNode in (bool[])[false, true])
                {
                    all.Add(oneHost, toNode, Sample.Mac2, 1480);
                    all.Add(oneHost, toNode, Sample.Mac2, 60_000);
                    all.Add(oneHost, toNode, "ff:ff:ff:ff:ff:ff", 1480);
                    all.Add(oneHost, toNode, "33:33:00:00:00:09", 1480);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void TheLimitHoldsWithinFivePercent(bool oneHost, bool toNode, string to, int payload)
    {
        (TestHost a, TestHost b, SwitchPort one, SwitchPort two, MemorySink sink) = Hosts(oneHost);
        CoreConfiguration.RemovePort(toNode ? b.Core : a.Core, "e", toNode ? two : one);
        (SwitchPort limited, MemorySink limitedSink) = Add(toNode ? b : a, toNode);
        (one, sink) = toNode ? (one, limitedSink) : (limited, sink);
        byte[] frame = Sample.Packet(to, Sample.Mac1, Sample.Ip1, Sample.Ip2, payload);
        long got = 0;
        for (int ms = 0; ms < Ms; ms++)
        {
            // Twice as much as the limit.
            for (int bytes = ms * (Kbps / 4); bytes / frame.Length < (ms + 1) * (Kbps / 4) / frame.Length;
                bytes += frame.Length)
            {
                a.FromNode("e", one, frame);
            }

            Pass(a, b);
            got += sink.Frames.Sum(f => (long)f.Length);
            sink.Frames.Clear();
        }

        Assert.InRange(got * 8.0 / Ms, Kbps * 0.95, Kbps * 1.05);
        Assert.NotEqual(0, limited.Counters[PortCount.FramesHeldBack]);
        Assert.NotEqual(0, limited.Counters[PortCount.DropPortLimit]);
    }

    [Fact]
    public void WhatIsDroppedOrAnsweredCountsToo()
    {
        (TestHost a, TestHost b, SwitchPort one, _, MemorySink sink) = Hosts(oneHost: true);
        CoreConfiguration.RemovePort(a.Core, "e", one);
        (one, MemorySink own) = Add(a, toNode: false);
        byte[] ask = Sample.Arp(1, Sample.Mac1, Sample.Ip1, Sample.Ip2);
        for (int ms = 0; ms < 1000; ms++)
        {
            for (int i = 0; i < 25; i++)
                a.FromNode("e", one, i % 2 == 0 ? ask : Sample.Arp(1, Sample.Mac1, Sample.Ip3, Sample.Ip2));
            Pass(a, b);
        }

        // 1 MB in frames of 42 bytes, what a full queue held, and the burst of 10 ms.
        long judged = one.Counters[PortCount.DropSpoofedArp] + own.Frames.Count + one.Counters[PortCount.DropStorm];
        Assert.InRange(judged, 23_700, 24_240);
    }

    [Fact]
    public void ALimitChangesWithoutANewPortAndGoes()
    {
        (TestHost a, TestHost b, SwitchPort one, _, MemorySink sink) = Hosts(oneHost: true);
        PortPlan plan = Plan(Sample.Mac1, Sample.Ip1);
        NodePlan[] nodes = [Sample.Node("a", Sample.Mac1, Sample.Ip1), Sample.Node("a", Sample.Mac2, Sample.Ip2)];
        a.Apply(new EnvironmentPlan("e", [], null, [plan with { FromNode = 8000, ToNode = 9000 }], nodes));
        Assert.Equal((8000L, 9000L), (one.FromNode!.BytesPerSecond, one.ToNode!.BytesPerSecond));
        PairLimit held = one.FromNode;
        a.Apply(new EnvironmentPlan("e", [], null, [plan with { FromNode = 8000 }], nodes));
        Assert.Same(held, one.FromNode);
        Assert.Null(one.ToNode);
        for (int i = 0; i < 50; i++)
            a.FromNode("e", one, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1000));
        Assert.Single(sink.Frames);
        a.Apply(new EnvironmentPlan("e", [], null, [plan], nodes));
        a.FromNode("e", one, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1000));
        Assert.Equal(2, sink.Frames.Count);
        for (int ms = 0; ms < 10_000; ms++)
            Pass(a, b);
        Assert.Equal(51, sink.Frames.Count);
    }

    [Theory]
    [InlineData(63)]
    [InlineData(0)]
    [InlineData(100_000_001)]
    public void AWrongLimitIsAnError(int kbps)
    {
        WantedPort port = new()
        {
            Tap = "t",
            Bridge = "b",
            Node = "n",
            Mac = Sample.Mac1,
            Ip = Sample.Ip1,
            FromNodeKbps = kbps,
        };
        StatePlan plan = new StatePlanner("a", System.Net.Sockets.AddressFamily.InterNetwork).Plan(
            new SwitchWantedState
            {
                Version = 1,
                Environments = [new WantedEnvironment { Id = "e", Ports = [port] }],
            });
        Assert.Contains("kbit/s", Assert.Single(plan.Errors).Reason);
    }

    private (TestHost A, TestHost B, SwitchPort One, SwitchPort Two, MemorySink Sink) Hosts(bool oneHost)
    {
        TestHost a = _network.Add("a", 1), b = oneHost ? a : _network.Add("b", 2);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        (SwitchPort one, _) = a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (SwitchPort two, MemorySink sink) = b.AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(1000);
        return (a, b, one, two, sink);
    }

    private static (SwitchPort Port, MemorySink Sink) Add(TestHost host, bool toNode)
    {
        var sink = new MemorySink();
        PortPlan plan = toNode
            ? Plan(Sample.Mac2, Sample.Ip2) with { ToNode = Kbps * 125 }
            : Plan(Sample.Mac1, Sample.Ip1) with { FromNode = Kbps * 125 };
        return (CoreConfiguration.AddPort(host.Core, "e", plan, sink), sink);
    }

    private static PortPlan Plan(string mac, string ip) =>
        new("t", "b", "n", Sample.Mac(mac), Sample.Ip(ip), true, 1500);

    private void Pass(params TestHost[] hosts)
    {
        _network.Time.Advance(1);
        foreach (TestHost host in hosts)
        {
            host.Core.UpdateClock();
            host.Core.ReleaseHeldBack();
        }

        _network.Run();
    }
}
