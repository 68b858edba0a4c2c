using System.Net;
using Xunit;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>What of a frame's traffic class its datagrams get, and what of theirs comes back into the frame.</summary>
public sealed class TrafficClassTests
{
    private const byte Capable = 2;
    private const byte Expedited = 46 << 2;

    [Fact]
    public void A_mark_that_a_datagram_got_on_its_way_reaches_the_frame()
    {
        using var network = new MemoryNetwork();
        (TestHost a, MemorySink sink) = Pair(network);
        Assert.Equal(Capable, ClassAfter(network, a, sink, Capable, mark: false));
        Assert.Equal(Ecn.Experienced, ClassAfter(network, a, sink, Capable, mark: true));
    }

    [Fact]
    public void One_marked_datagram_of_many_marks_the_frame()
    {
        using var network = new MemoryNetwork();
        (TestHost a, MemorySink sink) = Pair(network);
        Assert.Equal(Ecn.Experienced, ClassAfter(network, a, sink, Capable, mark: true, bytes: 9000));
    }

    [Fact]
    public void A_flow_without_marks_gives_datagrams_that_routers_drop_instead()
    {
        using var network = new MemoryNetwork();
        (TestHost a, MemorySink sink) = Pair(network);
        var seen = new List<byte>();
        Assert.Equal(0, ClassAfter(network, a, sink, 0, mark: true, seen: seen));
        Assert.All(seen, c => Assert.Equal(0, c));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, Expedited)]
    public void A_node_s_class_is_shown_to_the_network_only_if_its_host_wants_it(bool copies, byte shown)
    {
        using var network = new MemoryNetwork();
        (TestHost a, MemorySink sink) = Pair(
            network, s => s with { TrafficClassMask = copies ? byte.MaxValue : Ecn.Mask });
        var seen = new List<byte>();
        Assert.Equal(Expedited | Capable, ClassAfter(network, a, sink, Expedited | Capable, mark: false, seen: seen));
        Assert.Contains((byte)(shown | Capable), seen);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void The_kernel_carries_the_class_of_a_datagram_and_of_a_run(string address)
    {
        if (address == "::1" && !System.Net.Sockets.Socket.OSSupportsIPv6)
            Assert.Skip("this machine has no IPv6");
        using UdpLane from = UdpLane.Open(SocketAddress.From(new IPEndPoint(IPAddress.Parse(address), 0)));
        using UdpLane to = UdpLane.Open(SocketAddress.From(new IPEndPoint(IPAddress.Parse(address), 0)));
        var target = SocketAddress.From(new IPEndPoint(IPAddress.Parse(address), to.Port));
        byte[] run = new byte[500];
        foreach (byte wanted in (byte[])[0, Capable, Expedited | Capable])
        {
            Assert.True(from.Send(run.AsSpan(0, 100), target, wanted));
            Assert.True(from.SendRun(run, 100, target, wanted));
            Assert.Equal(wanted, ClassOfAll(to, bytes: 600));
        }
    }

    // Loopback delivers before the call that sends returns.
    private static byte ClassOfAll(UdpLane to, int bytes)
    {
        byte[] buffer = new byte[UdpLane.MaxRunBytes], address = new byte[SocketAddress.MaxBytes];
        byte? common = null;
        while (bytes > 0)
        {
            int length = to.Receive(buffer, address, out int size, out byte trafficClass);
            Assert.InRange(length, 100, bytes);
            Assert.Equal(100, size);
            Assert.Equal(common ?? trafficClass, trafficClass);
            (common, bytes) = (trafficClass, bytes - length);
        }

        return common!.Value;
    }

    private static (TestHost A, MemorySink Sink) Pair(
        MemoryNetwork network, Func<CoreSettings, CoreSettings>? change = null)
    {
        TestHost a = network.Add("a", 1, change), b = network.Add("b", 2);
        foreach (TestHost host in (TestHost[])[a, b])
            host.Apply("e", [(a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2)]);
        var sink = new MemorySink();
        CoreConfiguration.AddPort(a.Core, "e", Plan(1), new MemorySink());
        CoreConfiguration.AddPort(b.Core, "e", Plan(2), sink);
        network.Pass(2000);
        return (a, sink);
    }

    private static PortPlan Plan(int node) => new(
        $"t{node}", $"b{node}", $"n{node}", Sample.Mac(node == 1 ? Sample.Mac1 : Sample.Mac2),
        Sample.Ip(node == 1 ? Sample.Ip1 : Sample.Ip2), Open: true, 1500);

    private static byte ClassAfter(
        MemoryNetwork network, TestHost a, MemorySink sink, byte trafficClass, bool mark, int bytes = 600,
        List<byte>? seen = null)
    {
        bool one = mark;
        network.Filter = datagram =>
        {
            seen?.Add(datagram.TrafficClass);
            if (!one || (datagram.TrafficClass & Ecn.Mask) != Capable)
                return true;
            one = false;
            network.Enqueue(datagram with { TrafficClass = (byte)(datagram.TrafficClass | Ecn.Experienced) });
            return false;
        };
        sink.Frames.Clear();
        byte[] frame = Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, bytes));
        frame[Limits.VnetHeaderBytes + 15] = trafficClass;
        a.Core.FromPort(a.Core.Environments["e"], a.Core.Environments["e"].Ports[0], frame);
        network.Run();
        return Assert.Single(sink.Frames)[15];
    }
}
