using Xunit;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>New keys while frames flow: none is lost or comes twice, and nothing is ever sealed alike.</summary>
public sealed class RekeyTests : IDisposable
{
    private const int Ticks = 400;
    private readonly MemoryNetwork _network = new();
    private readonly MemorySink _sink = new();
    private readonly HashSet<string> _sealed = [];
    private readonly HashSet<(uint Session, ulong Counter)> _numbers = [];
    private int _repeated;
    private int _sent;

    public void Dispose() => _network.Dispose();

    [Fact]
    public void Keys_change_with_time_and_every_frame_arrives_once()
    {
        (TestHost a, TestHost b) = Pair(s => s with { RekeyAfter = TimeSpan.FromSeconds(1) });
        Flow(a);
        AssertAllArrived();
        Assert.InRange(b.Peer("e", a).Counters[TunnelCount.HandshakesCompleted], Ticks / 20 - 4, Ticks / 20 + 6);
    }

    [Fact]
    public void Keys_change_with_the_count_and_every_frame_arrives_once()
    {
        (TestHost a, TestHost b) = Pair(s => s with { RekeyAfterPackets = 100 });
        Flow(a);
        AssertAllArrived();
        Assert.InRange(b.Peer("e", a).Counters[TunnelCount.HandshakesCompleted], 5, Ticks);
    }

    /// <summary>The first handshakes of each renewal are lost; the old keys serve until one is not.</summary>
    [Theory]
    [InlineData((byte)DatagramType.Init, 1)]
    [InlineData((byte)DatagramType.Init, 3)]
    [InlineData((byte)DatagramType.Response, 1)]
    [InlineData((byte)DatagramType.Response, 3)]
    public void A_lost_handshake_costs_no_frame(byte type, int most)
    {
        (TestHost a, TestHost b) = Pair(s => s with { RekeyAfter = TimeSpan.FromSeconds(2) });
        Counters<TunnelCount> counters = b.Peer("e", a).Counters;
        (long renewed, int lost, int all) = (counters[TunnelCount.HandshakesCompleted], 0, 0);
        _network.Filter = datagram =>
        {
            if (counters[TunnelCount.HandshakesCompleted] != renewed)
                (renewed, lost) = (counters[TunnelCount.HandshakesCompleted], 0);
            if (datagram.Bytes[0] != type || lost >= most)
                return Watch(datagram);
            (lost, all) = (lost + 1, all + 1);
            return false;
        };
        Flow(a);
        AssertAllArrived();
        Assert.InRange(all, most * 3, Ticks);
        Assert.InRange(counters[TunnelCount.HandshakesCompleted], 4, Ticks);
    }

    [Fact]
    public void A_host_that_crashed_uses_no_key_and_number_again()
    {
        (TestHost a, TestHost b) = Pair();
        Flow(a);
        _network.Remove(a);
        a = Add("a", 1, Sample.Mac1, Sample.Ip1, new MemorySink());
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        _network.Pass(20_000);
        int before = _sealed.Count;
        Flow(a);
        Assert.True(_sealed.Count >= before + Ticks, $"{_sealed.Count} after {before}");
        Assert.Equal(0, _repeated);
    }

    /// <summary>The control: a key that were used again would be seen.</summary>
    [Fact]
    public void The_same_key_and_number_seal_alike()
    {
        byte[] key = [.. Enumerable.Range(0, 44).Select(i => (byte)i)];
        var texts = new HashSet<string>();
        for (int i = 0; i < 2; i++)
        {
            var keys = new SessionKeys(IsInitiator: true, TunnelCipher.Aes256Gcm, 1, 0, key, key);
            using var session = new TunnelSession(1, 2, keys, new byte[32], 0);
            byte[] datagram = new byte[TunnelSession.Overhead + 100];
            session.Seal(datagram, 100, 0);
            texts.Add(Convert.ToHexString(datagram));
        }

        Assert.Single(texts);
    }

    private (TestHost A, TestHost B) Pair(Func<CoreSettings, CoreSettings>? change = null)
    {
        TestHost a = Add("a", 1, Sample.Mac1, Sample.Ip1, new MemorySink(), change);
        TestHost b = Add("b", 2, Sample.Mac2, Sample.Ip2, _sink, change);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        _network.Filter = Watch;
        _network.Pass(2000);
        return (a, b);
    }

    private TestHost Add(
        string id, int number, string mac, string ip, MemorySink sink, Func<CoreSettings, CoreSettings>? change = null)
    {
        TestHost host = _network.Add(id, number, change);
        var plan = new PortPlan("tap", "br", "n" + ip, Sample.Mac(mac), Sample.Ip(ip), Open: true, 1500);
        CoreConfiguration.AddPort(host.Core, "e", plan, sink);
        return host;
    }

    // Ten frames a tick, so that each handshake has frames before, in and after it.
    private void Flow(TestHost from)
    {
        SwitchEnvironment environment = from.Core.Environments["e"];
        for (int tick = 0; tick < Ticks; tick++)
        {
            for (int i = 0; i < 10; i++, _sent++)
            {
                byte[] frame = Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
                BitConverter.TryWriteBytes(frame.AsSpan(^4), _sent);
                from.Core.FromPort(environment, environment.Ports[0], frame);
            }

            _network.Pass(SwitchCore.TickMs);
        }
    }

    private bool Watch(Datagram datagram)
    {
        if (!DatagramHeader.TryRead(datagram.Bytes, out DatagramHeader header) || header.Type != DatagramType.Data)
            return true;
        bool isNew = _numbers.Add((header.Session, header.Counter))
            & _sealed.Add(Convert.ToHexString(datagram.Bytes.AsSpan(DatagramHeader.Bytes)));
        _repeated += isNew ? 0 : 1;
        return true;
    }

    private void AssertAllArrived()
    {
        Assert.Equal(
            Enumerable.Range(0, _sent), _sink.Frames.Select(frame => BitConverter.ToInt32(frame.AsSpan()[^4..])));
        Assert.Equal(0, _repeated);
    }
}
