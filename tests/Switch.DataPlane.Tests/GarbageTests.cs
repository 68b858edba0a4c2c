namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Bytes from strangers: every parser ends in a count, never in an exception or a changed session.</summary>
public sealed class GarbageTests : IDisposable
{
    private readonly MemoryNetwork _network = new();
    private readonly Random _random = new(20260101);

    public void Dispose() => _network.Dispose();

    [Fact]
    public void RandomDatagramsAreCountedAndForgotten()
    {
        (TestHost a, TestHost b, SwitchPort port, MemorySink sink) = Pair();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[_random.Next(0, 1500)];
            _random.NextBytes(bytes);
            if (bytes.Length > 8 && i % 2 == 0)
            {
                // Half of them look like ours, some even name a live session.
                (bytes[0], bytes[1], bytes[2], bytes[3]) = ((byte)(1 << _random.Next(3)), 1, 0, 0);
                if (i % 4 == 0)
                    System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(
                        bytes.AsSpan(4), b.Core.Sessions.Keys.First());
            }

            b.Core.FromNetwork(bytes, a.Address.Bytes);
        }

        Assert.NotEqual(0, b.Core.Counters[TunnelCount.DropGarbage]);
        Assert.NotEqual(0, b.Peer("e", a).Counters[TunnelCount.DropForged]);
        a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        _network.Run();
        Assert.Single(sink.Frames);
    }

    [Fact]
    public void EveryCutHandshakeIsGarbage()
    {
        var messages = new List<Datagram>();
        _network.Filter = d =>
        {
            messages.Add(d with { Bytes = [.. d.Bytes] });
            return true;
        };
        (TestHost a, TestHost b, _, _) = Pair();
        foreach (Datagram message in messages.Take(2))
        {
            TestHost to = message.To.Equals(b.Address.EndPoint) ? b : a;
            for (int length = 0; length < message.Bytes.Length; length++)
                to.Core.FromNetwork(message.Bytes.AsSpan(0, length).ToArray(), SocketAddress.From(message.From).Bytes);
        }

        Assert.True(Handshakes.IsUp(a.Peer("e", b), a.Core.NowMs));
        Assert.Equal(0, b.Peer("e", a).Counters[TunnelCount.RefusedSignature]);
    }

    [Fact]
    public void RandomFramesOfANodeStayWithinTheSwitch()
    {
        (TestHost a, _, SwitchPort port, _) = Pair();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] frame = new byte[_random.Next(0, 200)];
            _random.NextBytes(frame);
            if (frame.Length > 18)
            {
                Sample.Mac(Sample.Mac1).Write(frame.AsSpan(6));
                ushort[] types = [0x0800, 0x0806, 0x8035, 0x8100, 0x88A8, 0x86DD];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), types[i % types.Length]);
            }

            a.FromNode("e", port, frame);
        }

        _network.Run();
        Assert.NotEqual(0, port.Counters[PortCount.DropMalformed]);
        Assert.NotEqual(0, port.Counters[PortCount.DropRunt]);
        Assert.Equal(0, port.Counters[PortCount.FramesCrossed]);
    }

    [Fact]
    public void AnAuthenticatedPeerThatSendsNonsenseIsCountedToo()
    {
        (TestHost a, TestHost b, _, MemorySink sink) = Pair();
        TunnelSession session = a.Peer("e", b).Current!;
        for (int i = 0; i < 5000; i++)
        {
            byte[] datagram = new byte[TunnelSession.Overhead + _random.Next(1, 300)];
            int length = datagram.Length - TunnelSession.Overhead;
            _random.NextBytes(datagram.AsSpan(DatagramHeader.Bytes, length));
            datagram[DatagramHeader.Bytes] = (byte)_random.Next(4);
            datagram[DatagramHeader.Bytes + Math.Min(1, length - 1)] = 1;
            session.Seal(datagram, length, 0);
            b.Core.FromNetwork(datagram, a.Address.Bytes);
        }

        Assert.NotEqual(0, b.Peer("e", a).Counters[TunnelCount.DropBadMessage]);
        Assert.Empty(sink.Frames);
    }

    [Fact]
    public void TheFallbackCipherWorksTheSame()
    {
        byte[] key = new byte[Aead.KeyBytes + Aead.IvBytes];
        _random.NextBytes(key);
        foreach (TunnelCipher cipher in Enum.GetValues<TunnelCipher>())
        {
            using var aead = new Aead(cipher, key);
            byte[] text = [1, 2, 3], tag = new byte[Aead.TagBytes];
            aead.Seal(7, text, tag, [9]);
            byte[] other = [.. text];
            Assert.False(aead.Open(8, other, tag, [9]));
            Assert.True(aead.Open(7, text, tag, [9]));
            Assert.Equal([1, 2, 3], text);
        }

        Assert.True(Aead.TryChoose(3, 2, out TunnelCipher chosen));
        Assert.Equal(TunnelCipher.ChaCha20Poly1305, chosen);
        Assert.False(Aead.TryChoose(1, 2, out _));
    }

    private (TestHost A, TestHost B, SwitchPort PortA, MemorySink SinkB) Pair()
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        (SwitchPort port, _) = a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (_, MemorySink sink) = b.AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(1000);
        return (a, b, port, sink);
    }
}
