using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// Frames of the vhost-user back-end, against a front-end of this process over a real socket and shared memory.
/// </summary>
public sealed class VhostDriverTests : IDisposable
{
    private const ulong Csum = 1, Merge = 1 << 15, EventIndex = 1 << 29, Version1 = 1UL << 32, Protocol = 1 << 30;
    private readonly VhostRig _vhost = new();
    private readonly byte[] _got = new byte[Limits.MaxSuperFrameBytes];

    private DriverRig Rig => _vhost.Rig;

    public void Dispose() => _vhost.Dispose();

    [Theory]
    [InlineData(VhostMachine.AllFeatures)]
    [InlineData(VhostMachine.AllFeatures & ~EventIndex)]
    [InlineData(Version1 | Protocol)]
    [InlineData(Protocol)]
    [InlineData(0UL)]
    public void Frames_pass_both_ways(ulong features)
    {
        VhostMachine machine = _vhost.Started(features);
        int header = (features & (Version1 | Merge)) == 0 ? 10 : 12;
        machine.Receive.Fill();
        for (int i = 0; i < 1000; i++)
        {
            byte[] frame = DriverRig.Frame(false, 1 + i);
            Assert.True(machine.Transmit.TrySend([.. new byte[header], .. frame]));
            machine.Transmit.Kick();
            Rig.Until(() => Rig.Sink.Frames.Count == 1);
            Assert.Equal(frame, Rig.Sink.Frames[0]);
            Rig.Sink.Frames.Clear();
            byte[] back = DriverRig.Frame(true, 1 + i);
            Rig.ToNode(Sample.Super(back));
            int length = machine.Receive.TryReceive(_got);
            Assert.Equal(back, _got[header..length]);
            Assert.Equal(header == 12 ? 1 : 0, header == 12 ? _got[10] : 0);
            machine.Receive.Fill();
            machine.Receive.Kick();
        }

        Assert.Null(Rig.Driver.Trouble);
    }

    [Fact]
    public void Uncut_frames_pass_whole_both_ways_when_both_sides_can()
    {
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
        machine.Receive.Fill();
        byte[] super = VhostRig.Uncut(toNode: true, 60_000);
        Rig.ToNode(super);
        int length = machine.Receive.TryReceive(_got);
        Assert.Equal(super.Length, length);
        Assert.Equal(super[12..], _got[12..length]);
        Assert.Equal((1, 1, 1448), (_got[0], _got[1], BinaryPrimitives.ReadUInt16LittleEndian(_got.AsSpan(4))));
        Assert.Equal((length + 4095) / 4096, BinaryPrimitives.ReadUInt16LittleEndian(_got.AsSpan(10)));
        Assert.Equal("csum tso4 tso6 ecn", Rig.Driver.Offloads);

        // What the machine says of the headers' length is not believed: it is what the headers say.
        byte[] sent = VhostRig.Uncut(toNode: false, 60_000);
        sent[2] = 0xFF;
        Assert.True(machine.Transmit.TrySend(sent));
        machine.Transmit.Kick();
        Rig.Until(() => Rig.Sink.Frames.Count == 1);
        Assert.Equal(sent[12..], Rig.Sink.Frames[0]);
    }

    [Fact]
    public void A_machine_that_cannot_gets_segments_with_whole_checksums()
    {
        VhostMachine machine = _vhost.Started(Version1 | Merge | Protocol);
        machine.Receive.Fill();
        byte[] super = VhostRig.Uncut(toNode: true, 5000);
        Rig.ToNode(super);
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
        Assert.Equal("", Rig.Driver.Offloads);
        Assert.Equal(1, Rig.Port.Counters[PortCount.FramesToNode]);
    }

    [Fact]
    public void What_the_machine_did_not_agree_to_use_is_dropped()
    {
        VhostMachine machine = _vhost.Started(Version1 | Csum | Merge | Protocol);
        machine.Transmit.TrySend(VhostRig.Uncut(toNode: false, 5000));
        byte[] unknown = Sample.Super(DriverRig.Frame(false, 100));
        unknown[1] = 5;
        machine.Transmit.TrySend(unknown);
        machine.Transmit.TrySend(new byte[12]);
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 100)));
        machine.Transmit.Kick();
        Rig.Until(() => Rig.Sink.Frames.Count == 1);
        Assert.Equal(3, Rig.Port.Counters[PortCount.DropMalformed]);
        Assert.Null(Rig.Driver.Trouble);
    }

    [Fact]
    public void Buffers_in_pieces_and_in_tables_are_gathered_at_every_split()
    {
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
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
                [
                    (slot, first),
                    (slot + (ulong)first, second - first),
                    (slot + (ulong)second, super.Length - second),
                ];
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
                Rig.Until(() => Rig.Sink.Frames.Count == 1);
                Assert.Equal(super[12..], Rig.Sink.Frames[0]);
                Rig.Sink.Frames.Clear();
            }
        }
    }

    [Fact]
    public void A_machine_without_buffers_gets_what_waited_in_order_and_loses_the_rest()
    {
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
        int sent = 0;
        for (; Rig.Port.Counters[PortCount.DropWriteFailed] < 10; sent++)
        {
            byte[] frame = DriverRig.Frame(true, 1000);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(40), sent);
            Rig.ToNode(Sample.Super(frame));
            Assert.True(sent < 5000);
        }

        int got = 0;
        while (got < sent - 10)
        {
            machine.Receive.Fill();
            Assert.True(machine.Receive.Kick(), "the switch waits for buffers");
            while (Rig.Turn())
            {
            }

            for (int before = got, length; (length = machine.Receive.TryReceive(_got)) > 0 || got == before; got++)
                Assert.Equal(got, BinaryPrimitives.ReadInt32BigEndian(_got.AsSpan(12 + 40)));
        }

        machine.Receive.Fill();
        Rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
        Assert.Equal(12 + 34 + 5, machine.Receive.TryReceive(_got));
        Assert.False(machine.Receive.Kick(), "nothing waits, so no kick is wanted");
    }

    [Fact]
    public void The_machine_is_called_once_per_drain_and_only_when_it_wants()
    {
        foreach (ulong features in (ulong[])[VhostMachine.AllFeatures, VhostMachine.AllFeatures & ~EventIndex])
        {
            VhostMachine machine = _vhost.Started(features);
            machine.Receive.Fill();
            machine.Receive.WantCalls(true);
            Rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
            Assert.Equal(1, machine.Receive.Calls());
            Assert.True(machine.Receive.TryReceive(_got) > 0);
            machine.Receive.WantCalls(false);
            Rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
            Assert.Equal(0, machine.Receive.Calls());
            machine.Transmit.WantCalls(true);
            machine.Transmit.Calls();
            for (int i = 0; i < 20; i++)
                machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
            machine.Transmit.Kick();
            Rig.Sink.Frames.Clear();
            Rig.Until(() => Rig.Sink.Frames.Count == 20);
            Assert.Equal(1, machine.Transmit.Calls());
            _vhost.End();
        }
    }

    [Fact]
    public void More_than_a_batch_needs_one_kick()
    {
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
        for (int i = 0; i < 250; i++)
            Assert.True(machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5))));
        machine.Transmit.Kick();
        Rig.Until(() => Rig.Sink.Frames.Count == 250);
        Assert.Equal(1, machine.Transmit.Kicks);
    }

    [Fact]
    public void A_disabled_ring_takes_and_drops()
    {
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
        machine.Receive.Fill();
        machine.Send(VhostRequest.SetRingEnable, VhostMachine.State(0, 0));
        machine.Send(VhostRequest.SetRingEnable, VhostMachine.State(1, 0));
        _vhost.Settle();
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
        machine.Transmit.Kick();
        _vhost.Settle();
        Assert.Equal(1, machine.Transmit.UsedIndex);
        Assert.Empty(Rig.Sink.Frames);
        Rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
        Assert.Equal(0, machine.Receive.UsedIndex);
        Assert.Equal(1, Rig.Port.Counters[PortCount.DropWriteFailed]);
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

        byte[] whole = VhostRig.Uncut(toNode: true, 9000), plain = Sample.Super(DriverRig.Frame(false, 500));
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
        Assert.Equal(2000, rig.Port.Counters[PortCount.FramesFromNode]);
        Assert.Equal(200, rig.Port.Counters[PortCount.FramesToNode]);
    }

    private static void Table(Span<byte> table, int index, ulong at, int length, bool hasNext)
    {
        Span<byte> entry = table.Slice(16 * index, 16);
        BinaryPrimitives.WriteUInt64LittleEndian(entry, at);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[12..], (ushort)(hasNext ? 1 : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(entry[14..], (ushort)(index + 1));
    }
}
