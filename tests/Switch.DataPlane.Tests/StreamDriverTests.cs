using System.Buffers.Binary;
using System.Net.Sockets;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A machine behind a stream socket, played by this process.</summary>
public sealed class StreamDriverTests : IDisposable
{
    private readonly DriverRig _rig = new();
    private readonly string _path;
    private Socket? _listener;
    private Socket? _machine;

    public StreamDriverTests() => _path = Path.Combine(_rig.Directory.FullName, "m.sock");

    public void Dispose()
    {
        _machine?.Dispose();
        _listener?.Dispose();
        _rig.Dispose();
    }

    [Fact]
    public void Frames_arrive_whole_at_every_split_of_the_stream()
    {
        Connect();
        byte[][] frames = [DriverRig.Frame(false, 1), DriverRig.Frame(false, 30), DriverRig.Frame(false, 2)];
        byte[] stream = [.. frames.SelectMany(Framed)];
        for (int split = 0; split <= stream.Length; split++)
        {
            _rig.Sink.Frames.Clear();
            _machine!.Send(stream.AsSpan(0, split));
            while (_rig.Turn())
            {
            }

            _machine.Send(stream.AsSpan(split));
            _rig.Until(() => _rig.Sink.Frames.Count == 3);
            Assert.Equal(frames, _rig.Sink.Frames);
        }
    }

    [Fact]
    public void The_largest_frames_and_more_than_a_batch_pass()
    {
        Connect();
        byte[] large = DriverRig.Frame(false, 65_000);
        for (int i = 0; i < 20; i++)
        {
            Task sending = Task.Run(() => SendAll(Framed(large)));
            _rig.Until(() => _rig.Sink.Frames.Count == i + 1 && sending.IsCompleted);
        }

        Assert.All(_rig.Sink.Frames, frame => Assert.Equal(large, frame));
        _rig.Sink.Frames.Clear();
        byte[] small = Framed(DriverRig.Frame(false, 1));
        _machine!.Send([.. Enumerable.Range(0, 3 * Limits.Batch + 1).SelectMany(_ => small)]);
        _rig.Until(() => _rig.Sink.Frames.Count == 3 * Limits.Batch + 1);
    }

    [Fact]
    public void An_uncut_frame_reaches_the_machine_as_segments()
    {
        Connect();
        byte[] super = new TcpCase(4, false, 5000, 1448, 0x18).SuperFrame();
        Sample.Mac(Sample.Mac1).Write(super.AsSpan(12));
        Sample.Mac(Sample.Mac2).Write(super.AsSpan(18));
        Sample.Ip(Sample.Ip2).Write(super.AsSpan(12 + 26));
        _rig.ToNode(super);
        List<byte[]> got = [Receive(), Receive(), Receive(), Receive()];
        Assert.Equal([1448, 1448, 1448, 656], got.Select(frame => frame.Length - 66));
        Assert.Equal(super[78..], got.SelectMany(frame => frame[66..]));
        Assert.All(got, frame => Assert.Equal(0, FrameWriter.Checksum(frame.AsSpan(14, 20))));
        byte[] plain = DriverRig.Frame(true, 700);
        _rig.ToNode(Sample.Super(plain));
        Assert.Equal(plain, Receive());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(65_551u)]
    [InlineData(0x8000_0000u)]
    [InlineData(0xFFFF_FFFFu)]
    public void A_length_that_no_frame_has_breaks_the_port_and_says_so(uint length)
    {
        Connect();
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, length);
        _machine!.Send([.. Framed(DriverRig.Frame(false, 9)), .. bytes]);
        _rig.Until(() => _rig.Port.IsBroken);
        Assert.Single(_rig.Sink.Frames);
        Assert.Contains($"{length} bytes", _rig.Driver.Trouble, StringComparison.Ordinal);
        _rig.Pass(60_000);
        Assert.False(_listener!.Poll(0, SelectMode.SelectRead), "a broken port connects no more");
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 9)));
        Assert.Equal(1, _rig.Port.Counters[PortCount.DropWriteFailed]);
    }

    [Fact]
    public void A_machine_that_does_not_read_loses_frames_and_nobody_waits()
    {
        Connect();
        int sent = 0;
        for (; _rig.Port.Counters[PortCount.DropWriteFailed] < 100; sent++)
        {
            byte[] frame = DriverRig.Frame(true, 1400);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(40), sent);
            _rig.ToNode(Sample.Super(frame));
            Assert.True(sent < 10_000, "the memory for it is bounded");
        }

        long taken = _rig.Port.Counters[PortCount.FramesToNode];
        Assert.Equal(sent, taken + 100);
        for (int i = 0; i < taken; i++)
            Assert.Equal(i, BinaryPrimitives.ReadInt32BigEndian(Receive().AsSpan(40)));
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 77)));
        Assert.Equal(34 + 77, Receive().Length);
    }

    [Fact]
    public void A_machine_that_asks_and_leaves_while_frames_wait_for_it_is_only_gone()
    {
        Connect();
        while (_rig.Port.Counters[PortCount.DropWriteFailed] == 0)
            _rig.ToNode(Sample.Super(DriverRig.Frame(true, 1400)));
        SendAll(Framed(Sample.Arp(1, Sample.Mac1, Sample.Ip1, Sample.Ip2)));
        _machine!.Dispose();
        _rig.Until(() => _rig.Driver.Trouble is not null);
        _rig.Pass(Limits.MaxReconnectPauseMs);
        Accept();
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 7)));
        Assert.Equal(34 + 7, Receive().Length);
    }

    [Fact]
    public void It_connects_again_with_pauses_that_grow_to_a_bound()
    {
        _rig.Add(new StreamDriver(_path));
        Assert.Contains("trying again", _rig.Driver.Trouble, StringComparison.Ordinal);
        _rig.Pass(60_000);
        Listen();
        _rig.Pass(200);
        for (int i = 0; i < 3; i++)
        {
            Accept();
            Assert.Null(_rig.Driver.Trouble);
            _machine!.Send(Framed(DriverRig.Frame(false, 5)));
            _rig.Until(() => _rig.Sink.Frames.Count == i + 1);
            _machine.Dispose();
            _rig.Until(() => _rig.Driver.Trouble is not null);
            Assert.False(_listener!.Poll(0, SelectMode.SelectRead), "not at once");
            _rig.Pass(100);
        }

        int attempts = 0;
        for (int seconds = 0; seconds < 60; seconds++)
        {
            _rig.Pass(1000);
            while (_listener!.Poll(0, SelectMode.SelectRead))
            {
                _listener.Accept().Dispose();
                attempts++;
                while (_rig.Turn())
                {
                }
            }
        }

        Assert.InRange(attempts, 60_000 / Limits.MaxReconnectPauseMs, 25);
    }

    [Fact]
    public void Any_bytes_of_a_machine_are_frames_drops_or_the_end_of_the_port()
    {
        const int inputs = 200_000;
        var random = new Random(20);
        byte[] input = new byte[300];
        int broken = 0;
        Connect();
        for (int i = 0; i < inputs; i++)
        {
            int length = random.Next(1, input.Length);
            random.NextBytes(input.AsSpan(0, length));
            if (random.Next(1000) != 0)
            {
                BinaryPrimitives.WriteInt32BigEndian(input, length - 4);
                length = Math.Max(length, 5);
                BinaryPrimitives.WriteInt32BigEndian(input, length - 4);
                if (length > 20)
                    Sample.Mac(Sample.Mac1).Write(input.AsSpan(4 + 6));
            }

            _machine!.Send(input.AsSpan(0, length));
            if (i % 20 == 0)
                _rig.Turn();
            if (!_rig.Port.IsBroken && !(_rig.Driver.Trouble is not null))
                continue;
            broken++;
            _machine.Dispose();
            _listener!.Dispose();
            File.Delete(_path);
            Connect();
        }

        Assert.InRange(broken, 10, inputs / 10);
        Assert.Equal(0, _rig.Port.Counters[PortCount.FramesCrossed]);
    }

    [Fact]
    public void Frames_cost_no_memory()
    {
        using var rig = new DriverRig(new CountSink());
        Listen();
        rig.Add(new StreamDriver(_path));
        Accept();
        byte[] many = [.. Enumerable.Range(0, 20).SelectMany(_ => Framed(DriverRig.Frame(false, 500)))];
        byte[] toNode = new TcpCase(4, false, 5000, 1448, 0x18).SuperFrame();
        Sample.Mac(Sample.Mac1).Write(toNode.AsSpan(12));
        Sample.Mac(Sample.Mac2).Write(toNode.AsSpan(18));
        Sample.Ip(Sample.Ip2).Write(toNode.AsSpan(12 + 26));
        byte[] read = new byte[100_000];
        long allocated = 0;
        for (int i = 0; i < 60; i++)
        {
            if (i == 10)
                allocated = GC.GetAllocatedBytesForCurrentThread();
            _machine!.Send(many);
            while (rig.Turn())
            {
            }

            rig.ToNode(toNode);
            _machine.Receive(read);
        }

        // The test's own calls of sockets and events are in it; a frame that was kept would cost 500 bytes each.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 50 * 200);
        Assert.Equal(60 * 20, rig.Port.Counters[PortCount.FramesFromNode]);
        Assert.Equal(60, rig.Port.Counters[PortCount.FramesToNode]);
    }

    private static byte[] Framed(byte[] frame)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
        return [.. length, .. frame];
    }

    private void Listen()
    {
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen(8);
    }

    private void Accept() => _machine = _listener!.Accept();

    private void Connect()
    {
        Listen();
        _rig.Add(new StreamDriver(_path));
        Accept();
    }

    private void SendAll(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
            at += _machine!.Send(bytes.AsSpan(at));
    }

    private byte[] Receive()
    {
        byte[] length = Exactly(4);
        return Exactly(BinaryPrimitives.ReadInt32BigEndian(length));
    }

    private byte[] Exactly(int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            while (!_machine!.Poll(0, SelectMode.SelectRead))
                Assert.True(_rig.Turn(2000), "the port sends nothing");
            at += _machine.Receive(bytes.AsSpan(at));
        }

        return bytes;
    }
}
