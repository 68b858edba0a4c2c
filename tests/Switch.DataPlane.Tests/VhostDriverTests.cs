using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>The vhost-user back-end against a front-end of this process, over a real socket and real shared memory.</summary>
public sealed class VhostDriverTests : IDisposable
{
    private const ulong Csum = 1, GuestCsum = 2, GuestTso4 = 1 << 7, GuestTso6 = 1 << 8, HostTso4 = 1 << 11;
    private const ulong Merge = 1 << 15, EventIndex = 1 << 29, LogAll = 1 << 26, Version1 = 1UL << 32;
    private const ulong Protocol = 1 << 30;
    private readonly DriverRig _rig = new();
    private readonly byte[] _got = new byte[Limits.MaxSuperFrameBytes];
    private readonly string _path;
    private VhostMachine? _machine;

    public VhostDriverTests() => _path = Path.Combine(_rig.Directory.FullName, "m.sock");

    public void Dispose()
    {
        _machine?.Dispose();
        _rig.Dispose();
    }

    [Theory]
    [InlineData(VhostMachine.AllFeatures)]
    [InlineData(VhostMachine.AllFeatures & ~EventIndex)]
    [InlineData(Version1 | Protocol)]
    [InlineData(Protocol)]
    [InlineData(0UL)]
    public void Frames_pass_both_ways(ulong features)
    {
        VhostMachine machine = Started(features);
        int header = (features & (Version1 | Merge)) == 0 ? 10 : 12;
        machine.Receive.Fill();
        for (int i = 0; i < 1000; i++)
        {
            byte[] frame = DriverRig.Frame(false, 1 + i);
            Assert.True(machine.Transmit.TrySend([.. new byte[header], .. frame]));
            machine.Transmit.Kick();
            _rig.Until(() => _rig.Sink.Frames.Count == 1);
            Assert.Equal(frame, _rig.Sink.Frames[0]);
            _rig.Sink.Frames.Clear();
            byte[] back = DriverRig.Frame(true, 1 + i);
            _rig.ToNode(Sample.Super(back));
            int length = machine.Receive.TryReceive(_got);
            Assert.Equal(back, _got[header..length]);
            Assert.Equal(header == 12 ? 1 : 0, header == 12 ? _got[10] : 0);
            machine.Receive.Fill();
            machine.Receive.Kick();
        }

        Assert.Null(_rig.Driver.Trouble);
    }

    [Fact]
    public void Uncut_frames_pass_whole_both_ways_when_both_sides_can()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        machine.Receive.Fill();
        byte[] super = Uncut(toNode: true, 60_000);
        _rig.ToNode(super);
        int length = machine.Receive.TryReceive(_got);
        Assert.Equal(super.Length, length);
        Assert.Equal(super[12..], _got[12..length]);
        Assert.Equal((1, 1, 1448), (_got[0], _got[1], BinaryPrimitives.ReadUInt16LittleEndian(_got.AsSpan(4))));
        Assert.Equal((length + 4095) / 4096, BinaryPrimitives.ReadUInt16LittleEndian(_got.AsSpan(10)));
        Assert.Equal("csum tso4 tso6 ecn", _rig.Driver.Offloads);

        // What the machine says of the headers' length is not believed: it is what the headers say.
        byte[] sent = Uncut(toNode: false, 60_000);
        sent[2] = 0xFF;
        Assert.True(machine.Transmit.TrySend(sent));
        machine.Transmit.Kick();
        _rig.Until(() => _rig.Sink.Frames.Count == 1);
        Assert.Equal(sent[12..], _rig.Sink.Frames[0]);
    }

    [Fact]
    public void A_machine_that_cannot_gets_segments_with_whole_checksums()
    {
        VhostMachine machine = Started(Version1 | Merge | Protocol);
        machine.Receive.Fill();
        byte[] super = Uncut(toNode: true, 5000);
        _rig.ToNode(super);
        var payload = new List<byte>();
        for (int i = 0; i < 4; i++)
        {
            int length = machine.Receive.TryReceive(_got);
            Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], _got[..12]);
            Assert.Equal(0, FrameWriter.Checksum(_got.AsSpan(12 + 14, 20)));
            payload.AddRange(_got[78..length]);
        }

        Assert.Equal(0, machine.Receive.TryReceive(_got));
        Assert.Equal(super[78..], payload);
        Assert.Equal("", _rig.Driver.Offloads);
        Assert.Equal(1, _rig.Port.Counters[PortCount.FramesToNode]);
    }

    [Fact]
    public void What_the_machine_did_not_agree_to_use_is_dropped()
    {
        VhostMachine machine = Started(Version1 | Csum | Merge | Protocol);
        machine.Transmit.TrySend(Uncut(toNode: false, 5000));
        byte[] unknown = Sample.Super(DriverRig.Frame(false, 100));
        unknown[1] = 5;
        machine.Transmit.TrySend(unknown);
        machine.Transmit.TrySend(new byte[12]);
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 100)));
        machine.Transmit.Kick();
        _rig.Until(() => _rig.Sink.Frames.Count == 1);
        Assert.Equal(3, _rig.Port.Counters[PortCount.DropMalformed]);
        Assert.Null(_rig.Driver.Trouble);
    }

    [Fact]
    public void Buffers_in_pieces_and_in_tables_are_gathered_at_every_split()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        byte[] super = Sample.Super(DriverRig.Frame(false, 20));
        MachineRing ring = machine.Transmit;
        ulong slot = ring.GuestAddress(ring.End - ring.SlotBytes), table = slot + 4096;
        Span<byte> bytes = ring.Slot(ring.Size - 1);
        super.CopyTo(bytes);
        ushort head = 0;
        for (int first = 1; first < super.Length - 1; first++)
        {
            for (int second = first + 1; second < super.Length; second += 5)
            {
                (ulong At, int Length)[] parts =
                    [(slot, first), (slot + (ulong)first, second - first), (slot + (ulong)second, super.Length - second)];
                if (second % 2 == 0)
                {
                    for (int i = 0; i < 3; i++)
                        ring.Describe(i, parts[i].At, (uint)parts[i].Length, (ushort)(i < 2 ? 1 : 0), (ushort)(i + 1));
                    head = 0;
                }
                else
                {
                    for (int i = 0; i < 3; i++)
                        Table(bytes[4096..], i, parts[i].At, parts[i].Length, i < 2);
                    ring.Describe(7, table, 48, RingDescriptor.IsTable, 0);
                    head = 7;
                }

                ring.Add(head);
                ring.ForceKick();
                _rig.Until(() => _rig.Sink.Frames.Count == 1);
                Assert.Equal(super[12..], _rig.Sink.Frames[0]);
                _rig.Sink.Frames.Clear();
            }
        }
    }

    [Fact]
    public void A_machine_without_buffers_gets_what_waited_in_order_and_loses_the_rest()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        int sent = 0;
        for (; _rig.Port.Counters[PortCount.DropWriteFailed] < 10; sent++)
        {
            byte[] frame = DriverRig.Frame(true, 1000);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(40), sent);
            _rig.ToNode(Sample.Super(frame));
            Assert.True(sent < 5000);
        }

        int got = 0;
        while (got < sent - 10)
        {
            machine.Receive.Fill();
            Assert.True(machine.Receive.Kick(), "the switch waits for buffers");
            while (_rig.Turn())
            {
            }

            for (int before = got, length; (length = machine.Receive.TryReceive(_got)) > 0 || got == before; got++)
                Assert.Equal(got, BinaryPrimitives.ReadInt32BigEndian(_got.AsSpan(12 + 40)));
        }

        machine.Receive.Fill();
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
        Assert.Equal(12 + 34 + 5, machine.Receive.TryReceive(_got));
        Assert.False(machine.Receive.Kick(), "nothing waits, so no kick is wanted");
    }

    [Fact]
    public void The_machine_is_called_once_per_drain_and_only_when_it_wants()
    {
        foreach (ulong features in (ulong[])[VhostMachine.AllFeatures, VhostMachine.AllFeatures & ~EventIndex])
        {
            VhostMachine machine = Started(features);
            machine.Receive.Fill();
            machine.Receive.WantCalls(true);
            _rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
            Assert.Equal(1, machine.Receive.Calls());
            Assert.True(machine.Receive.TryReceive(_got) > 0);
            machine.Receive.WantCalls(false);
            _rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
            Assert.Equal(0, machine.Receive.Calls());
            machine.Transmit.WantCalls(true);
            machine.Transmit.Calls();
            for (int i = 0; i < 20; i++)
                machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
            machine.Transmit.Kick();
            _rig.Sink.Frames.Clear();
            _rig.Until(() => _rig.Sink.Frames.Count == 20);
            Assert.Equal(1, machine.Transmit.Calls());
            End();
        }
    }

    [Fact]
    public void More_than_a_batch_needs_one_kick()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        for (int i = 0; i < 250; i++)
            Assert.True(machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5))));
        machine.Transmit.Kick();
        _rig.Until(() => _rig.Sink.Frames.Count == 250);
        Assert.Equal(1, machine.Transmit.Kicks);
    }

    [Fact]
    public void A_disabled_ring_takes_and_drops()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        machine.Receive.Fill();
        machine.Send(VhostRequest.SetRingEnable, VhostMachine.State(0, 0));
        machine.Send(VhostRequest.SetRingEnable, VhostMachine.State(1, 0));
        Settle();
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
        machine.Transmit.Kick();
        Settle();
        Assert.Equal(1, machine.Transmit.UsedIndex);
        Assert.Empty(_rig.Sink.Frames);
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
        Assert.Equal(0, machine.Receive.UsedIndex);
        Assert.Equal(1, _rig.Port.Counters[PortCount.DropWriteFailed]);
    }

    [Fact]
    public void A_stopped_ring_says_where_it_was_and_goes_on_there()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        for (int i = 0; i < 5; i++)
            machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
        machine.Transmit.Kick();
        _rig.Until(() => _rig.Sink.Frames.Count == 5);
        machine.Send(VhostRequest.GetRingBase, VhostMachine.State(1, 0));
        Settle();
        Assert.Equal((VhostRequest.GetRingBase, 5), AnswerState(machine));
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 6)));
        machine.Transmit.ForceKick();
        Settle();
        Assert.Equal(5, _rig.Sink.Frames.Count);
        Assert.Contains("not started", _rig.Driver.Trouble, StringComparison.Ordinal);
        machine.StartRing(1, VhostMachine.AllFeatures, first: 5);
        _rig.Until(() => _rig.Sink.Frames.Count == 6);
    }

    [Fact]
    public void Requests_are_answered_as_the_protocol_says()
    {
        VhostMachine machine = Connected();
        machine.Send(VhostRequest.GetFeatures, []);
        machine.Send(VhostRequest.GetProtocolFeatures, []);
        machine.Send(VhostRequest.GetQueueNumber, []);
        machine.Send(VhostRequest.SetOwner, VhostProtocol.Version | VhostProtocol.NeedsReply, []);
        Settle();
        foreach ((VhostRequest request, ulong value) in ((VhostRequest, ulong)[])[
            (VhostRequest.GetFeatures, VhostFeatures.Offered),
            (VhostRequest.GetProtocolFeatures, VhostProtocol.Offered),
            (VhostRequest.GetQueueNumber, 1), (VhostRequest.SetOwner, 0)])
        {
            (VhostRequest answered, byte[] payload) = machine.Answer();
            Assert.Equal((request, value), (answered, BitConverter.ToUInt64(payload)));
        }

        machine.Send(VhostRequest.SetFeatures, VhostProtocol.Version | VhostProtocol.NeedsReply,
            VhostMachine.Number(1UL << 40));
        Settle();
        Assert.Equal(1UL, BitConverter.ToUInt64(machine.Answer().Payload));
        Assert.Contains("not offered", _rig.Driver.Trouble, StringComparison.Ordinal);
        Assert.True(_rig.Port.IsBroken);
    }

    [Fact]
    public void The_hypervisor_announces_a_machine_that_came()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        byte[] mac = new byte[8];
        Sample.Mac(Sample.Mac1).Write(mac);
        machine.Send(VhostRequest.SendRarp, mac);
        Sample.Mac(Sample.Mac3).Write(mac);
        machine.Send(VhostRequest.SendRarp, mac);
        Settle();
        Assert.Equal(1, _rig.Port.Counters[PortCount.Announcements]);
        Assert.Equal(1, _rig.Port.Counters[PortCount.DropSpoofedMac]);
    }

    [Fact]
    public void Every_written_page_is_in_the_log_while_a_move_is_on_and_none_before()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        machine.Receive.Fill();
        using var log = new SharedMemory(4096 * 256);
        machine.Send(VhostRequest.SetLogBase, [.. VhostMachine.Number((ulong)log.Size), .. VhostMachine.Number(0)], log.Fd);
        Settle();
        Assert.Equal(VhostRequest.SetLogBase, machine.Answer().Request);
        _rig.ToNode(Uncut(toNode: true, 20_000));
        Assert.True(log.Bytes(0, log.Size).IndexOfAnyExcept((byte)0) < 0, "no move is on");
        Assert.True(machine.Receive.TryReceive(_got) > 20_000);
        machine.Send(VhostRequest.SetFeatures, VhostMachine.Number(VhostMachine.AllFeatures | LogAll));
        machine.SetAddresses(0, log: true);
        machine.SetAddresses(1, log: true);
        Settle();
        byte[] before = machine.Memory.Bytes(0, machine.Memory.Size).ToArray();
        _rig.ToNode(Uncut(toNode: true, 30_000));
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
        byte[] sent = machine.Memory.Bytes(0, machine.Memory.Size).ToArray();
        machine.Transmit.Kick();
        _rig.Until(() => _rig.Sink.Frames.Count == 1);
        byte[] after = machine.Memory.Bytes(0, machine.Memory.Size).ToArray();
        int changed = 0;
        for (int page = 0; page < after.Length / 4096; page++)
        {
            Range range = (page * 4096)..((page + 1) * 4096);
            bool isOurs = !after.AsSpan(range).SequenceEqual(sent.AsSpan(range))
                || !after.AsSpan(range).SequenceEqual(before.AsSpan(range)) && page * 4096 < machine.Receive.End;
            ulong number = VhostMachine.GuestBase / 4096 + (ulong)page;
            bool logged = (log.Bytes((int)(number / 8), 1)[0] >> (int)(number % 8) & 1) != 0;
            Assert.True(logged || !isOurs, $"page {page} was written and is not in the log");
            changed += isOurs ? 1 : 0;
        }

        Assert.InRange(changed, 8, 20);
        int bits = 0;
        foreach (byte one in log.Bytes(0, log.Size))
            bits += System.Numerics.BitOperations.PopCount(one);
        Assert.InRange(bits, changed, changed + 2);
    }

    [Fact]
    public void It_connects_again_when_the_hypervisor_restarts()
    {
        VhostMachine machine = Started(VhostMachine.AllFeatures);
        machine.Hang();
        _rig.Until(() => _rig.Driver.Trouble is not null);
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
        Assert.Equal(1, _rig.Port.Counters[PortCount.DropWriteFailed]);
        Assert.Contains("connecting again", _rig.Driver.Trouble, StringComparison.Ordinal);
        _rig.Pass(Limits.MaxReconnectPauseMs);
        machine.Accept();
        machine.Start();
        Settle();
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
        machine.Transmit.Kick();
        _rig.Until(() => _rig.Sink.Frames.Count == 1);
    }

    [Fact]
    public void Frames_cost_no_memory()
    {
        using var rig = new DriverRig(new CountSink());
        using var machine = new VhostMachine(Path.Combine(rig.Directory.FullName, "m"));
        rig.Add(new VhostDriver(Path.Combine(rig.Directory.FullName, "m")));
        machine.Accept();
        machine.Start();
        machine.Receive.Fill();
        while (rig.Turn())
        {
        }

        byte[] whole = Uncut(toNode: true, 9000), plain = Sample.Super(DriverRig.Frame(false, 500));
        long allocated = 0;
        for (int i = 0; i < 200; i++)
        {
            if (i == 100)
                allocated = GC.GetAllocatedBytesForCurrentThread();
            for (int k = 0; k < 10; k++)
                machine.Transmit.TrySend(plain);
            machine.Transmit.Kick();
            while (rig.Turn())
            {
            }

            rig.ToNode(whole);
            machine.Receive.TryReceive(_got);
            machine.Receive.Fill();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        Assert.Equal((2000, 200), (rig.Port.Counters[PortCount.FramesFromNode], rig.Port.Counters[PortCount.FramesToNode]));
    }

    private static void Table(Span<byte> table, int index, ulong at, int length, bool hasNext)
    {
        Span<byte> entry = table.Slice(16 * index, 16);
        BinaryPrimitives.WriteUInt64LittleEndian(entry, at);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[12..], (ushort)(hasNext ? 1 : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(entry[14..], (ushort)(index + 1));
    }

    private static byte[] Uncut(bool toNode, int payload)
    {
        byte[] super = new TcpCase(4, false, payload, 1448, 0x18).SuperFrame();
        byte[] plain = DriverRig.Frame(toNode, 1);
        plain.AsSpan(0, 12).CopyTo(super.AsSpan(12));
        plain.AsSpan(26, 8).CopyTo(super.AsSpan(12 + 26));
        return super;
    }

    private static (VhostRequest Request, int Number) AnswerState(VhostMachine machine)
    {
        (VhostRequest request, byte[] payload) = machine.Answer();
        return (request, BitConverter.ToInt32(payload, 4));
    }

    private VhostMachine Connected()
    {
        _machine = new VhostMachine(_path);
        _rig.Add(new VhostDriver(_path));
        _machine.Accept();
        return _machine;
    }

    private VhostMachine Started(ulong features)
    {
        VhostMachine machine = Connected();
        machine.Start(features);
        Settle();
        Assert.Null(_rig.Driver.Trouble);
        return machine;
    }

    private void Settle()
    {
        while (_rig.Turn())
        {
        }
    }

    private void End()
    {
        _machine!.Dispose();
        File.Delete(_path);
        Settle();
    }
}
