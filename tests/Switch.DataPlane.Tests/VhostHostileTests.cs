using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Machines and hypervisors that write nonsense: a ring or a connection ends, and nothing else.</summary>
public sealed class VhostHostileTests : IDisposable
{
    private const uint FromDevice = VhostProtocol.Version;
    private readonly DriverRig _rig = new(new CountSink());
    private readonly string _path;
    private VhostMachine? _machine;

    public VhostHostileTests() => _path = Path.Combine(_rig.Directory.FullName, "m.sock");

    public void Dispose()
    {
        _machine?.Dispose();
        _rig.Dispose();
    }

    private static Dictionary<string, Action<MachineRing>> BadChains => new()
    {
        { "circle", ring => Chain(ring, (0, 10, 1, 1), (100, 10, 1, 0)) },
        { "to itself", ring => Chain(ring, (0, 10, 1, 0)) },
        { "next outside", ring => Chain(ring, (0, 10, 1, 256)) },
        { "next far outside", ring => Chain(ring, (0, 10, 1, 0xFFFF)) },
        { "head outside", ring => ring.Add(256) },
        { "head far outside", ring => ring.Add(0xFFFF) },
        { "wrong direction", ring => Chain(ring, (0, 100, 2, 0)) },
        { "before memory", ring => Raw(ring, VhostMachine.GuestBase - 1, 100) },
        { "at zero", ring => Raw(ring, 0, 100) },
        { "wraps", ring => Raw(ring, ulong.MaxValue - 50, 100) },
        { "end of all", ring => Raw(ring, ulong.MaxValue, 100) },
        { "over the end", ring => Raw(ring, VhostMachine.GuestBase + 0x0FFF_FFF0, 100) },
        { "too long", ring => Chain(ring, (0, 0xFFFF_FFFF, 0, 0)) },
        { "too long by sign", ring => Chain(ring, (0, 0x8000_0000, 0, 0)) },
        { "empty table", ring => Chain(ring, (0, 0, 4, 0)) },
        { "odd table", ring => Chain(ring, (0, 17, 4, 0)) },
        { "huge table", ring => Chain(ring, (0, 16 * 2000, 4, 0)) },
        { "table with next", ring => Chain(ring, (0, 16, 5, 0)) },
        { "table outside", ring => Raw(ring, 16, 16, flags: 4) },
        { "more than its size", ring => { for (int i = 0; i < 300; i++) ring.Add(0); } },
    };

    [Fact]
    public void A_ring_with_nonsense_stops_until_the_machine_starts_it_again()
    {
        foreach ((string what, Action<MachineRing> write) in BadChains)
        {
            VhostMachine machine = Started();
            write(machine.Transmit);
            machine.Transmit.ForceKick();
            Settle();
            string trouble = _rig.Driver.Trouble ?? "";
            Assert.True(trouble.StartsWith("the machine's transmit ring stopped: ", StringComparison.Ordinal), what);
            Assert.False(_rig.Port.IsBroken, what);
            Assert.Equal(0, _rig.Port.Counters[PortCount.FramesFromNode]);

            // The other ring goes on.
            machine.Receive.Fill();
            _rig.ToNode(Sample.Super(DriverRig.Frame(true, 20)));
            Assert.Equal(12 + 34 + 20, machine.Receive.TryReceive(new byte[200]));

            machine.Send(VhostRequest.GetRingBase, VhostMachine.State(1, 0));
            machine.StartRing(1, VhostMachine.AllFeatures, first: machine.Transmit.AvailableIndex);
            Settle();
            Assert.Null(_rig.Driver.Trouble);
            machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 20)));
            machine.Transmit.ForceKick();
            Settle();
            Assert.Equal(1, _rig.Port.Counters[PortCount.FramesFromNode]);
            End();
        }
    }

    [Fact]
    public void Tables_in_tables_and_circles_in_tables_stop_the_ring()
    {
        foreach ((ushort flags, ushort next) in ((ushort, ushort)[])[(4, 0), (1, 0), (1, 1), (1, 9), (5, 1)])
        {
            VhostMachine machine = Started();
            Span<byte> slot = machine.Transmit.Slot(0);
            slot[..32].Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(slot, SlotAddress(machine.Transmit));
            slot[8] = 16;
            slot[12] = (byte)flags;
            slot[14] = (byte)next;
            BinaryPrimitives.WriteUInt64LittleEndian(slot[16..], SlotAddress(machine.Transmit));
            slot[24] = 16;
            slot[28] = 1;
            machine.Transmit.Describe(3, SlotAddress(machine.Transmit), 32, 4, 0);
            machine.Transmit.Add(3);
            machine.Transmit.ForceKick();
            Settle();
            Assert.Contains("stopped", _rig.Driver.Trouble, StringComparison.Ordinal);
            End();
        }
    }

    [Fact]
    public void A_receive_ring_with_nonsense_stops_and_the_machine_can_still_send()
    {
        VhostMachine machine = Started();
        machine.Receive.Describe(0, VhostMachine.GuestBase, 0, RingDescriptor.IsForDevice, 0);
        machine.Receive.Add(0);
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 20)));
        Assert.Contains("receive ring stopped", _rig.Driver.Trouble, StringComparison.Ordinal);
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 20)));
        Assert.Equal(2, _rig.Port.Counters[PortCount.DropWriteFailed]);
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 20)));
        machine.Transmit.Kick();
        Settle();
        Assert.Equal(1, _rig.Port.Counters[PortCount.FramesFromNode]);
    }

    [Fact]
    public void Memory_that_could_vanish_or_is_not_what_it_says_is_refused()
    {
        using var unsealed = new SharedMemory(4096, isSealed: false);
        using var small = new SharedMemory(4096);
        int events = small.Fd;
        (byte[] Payload, int[] Descriptors, string Says)[] bad =
        [
            (Table(1, 0, 4096, 0, 0), [unsealed.Fd], "sealed"),
            (Table(1, 0, 8192, 0, 0), [small.Fd], "memfd of 4096"),
            (Table(1, 0, 4096, 0, 1), [small.Fd], "memfd of 4096"),
            (Table(1, 0, 4096, 0, ulong.MaxValue - 4000), [small.Fd], "wraps"),
            (Table(1, ulong.MaxValue - 10, 4096, 0, 0), [small.Fd], "wraps"),
            (Table(1, 0, 4096, ulong.MaxValue - 10, 0), [small.Fd], "wraps"),
            (Table(1, 0, 0, 0, 0), [small.Fd], "wraps"),
            (Table(1, 0, 1UL << 62, 0, 0), [small.Fd], "memfd of 4096"),
            (Table(1, 0, 4096, 0, 0), [], "descriptor for each"),
            (Table(1, 0, 4096, 0, 0), [small.Fd, small.Fd], "descriptor for each"),
            (Table(2, 0, 4096, 0, 0), [small.Fd, small.Fd], "descriptor for each"),
            (Table(0, 0, 4096, 0, 0), [], "descriptor for each"),
            ([], [], "descriptor for each"),
            ([1, 0, 0, 0], [small.Fd], "descriptor for each"),
        ];
        foreach ((byte[] payload, int[] descriptors, string says) in bad)
            Refused(machine => machine.Send(VhostRequest.SetMemoryTable, FromDevice, payload, descriptors), says);
        Assert.True(events > 0);
    }

    [Fact]
    public void Messages_that_make_no_sense_end_the_connection_and_say_why()
    {
        byte[] header = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(header, 1);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), 1);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), 100_000);
        Refused(machine => machine.SendBytes(header, []), "no message");
        header[8..].AsSpan().Fill(0xFF);
        Refused(machine => machine.SendBytes([1, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], []), "no message");
        Refused(machine => machine.Send(VhostRequest.GetFeatures, 2, []), "no message");
        Refused(machine => machine.Send(VhostRequest.GetFeatures, 5, []), "no message");
        Refused(machine => machine.Send((VhostRequest)99, []), "does not know");
        Refused(machine => machine.Send(VhostRequest.SetFeatures, [1]), "length");
        Refused(machine => machine.Send(VhostRequest.SetProtocolFeatures, VhostMachine.Number(1)), "not offered");
        foreach (int size in (int[])[0, 3, 2048, -1])
            Refused(machine => machine.Send(VhostRequest.SetRingSize, VhostMachine.State(0, size)), "power of 2");
        Refused(machine => machine.Send(VhostRequest.SetRingSize, VhostMachine.State(2, 256)), "no ring 2");
        Refused(machine => machine.Send(VhostRequest.SetRingBase, VhostMachine.State(-1, 0)), "no ring");
        Refused(machine => machine.Send(VhostRequest.SetRingKick, VhostMachine.Number(0x100)), "does not poll");
        Refused(machine => machine.Send(VhostRequest.SetRingKick, VhostMachine.Number(0)), "eventfds");
        Refused(machine => machine.Send(
            VhostRequest.SetRingCall, VhostMachine.Number(0), machine.Memory.Fd), "eventfds");
        Refused(machine => machine.Send(
            VhostRequest.SetRingKick, VhostMachine.Number(0), machine.Receive.KickFd), "not wholly");
        Refused(machine => machine.Send(VhostRequest.SetRingAddresses, new byte[39]), "addresses");
        Refused(machine => machine.Send(VhostRequest.SetLogBase, new byte[16]), "a log has");
        Refused(machine => machine.Send(VhostRequest.SetLogBase, new byte[16], machine.Memory.Fd), "multiples");
        Refused(machine => machine.SendBytes(header.AsSpan(0, 4), [.. Enumerable.Repeat(machine.Memory.Fd, 5)]),
            null);
    }

    [Fact]
    public void A_running_ring_stays_in_the_memory_or_the_connection_ends()
    {
        using var other = new SharedMemory(1 << 20);
        VhostMachine machine = Started();
        machine.Send(VhostRequest.SetMemoryTable, Table(1, 0, 1 << 20, 0, 0), other.Fd);
        Settle();
        Assert.Contains("not in the new memory", _rig.Driver.Trouble, StringComparison.Ordinal);
        Assert.True(_rig.Port.IsBroken);
        _rig.ToNode(Sample.Super(DriverRig.Frame(true, 20)));
        Assert.Equal(1, _rig.Port.Counters[PortCount.DropWriteFailed]);
    }

    [Fact]
    public void Any_bytes_of_a_hypervisor_are_answers_or_the_end_of_the_connection()
    {
        const int inputs = 200_000;
        var random = new Random(4);
        int refused = 0;
        VhostMachine machine = Started();
        for (int i = 0; i < inputs; i++)
        {
            Mutated(machine, random);
            if (i % 8 == 0)
                Settle();
            while (machine.Answer().Payload.Length > 0)
            {
            }

            if (!_rig.Port.IsBroken)
                continue;
            refused++;
            End();
            machine = Started();
        }

        Assert.InRange(refused, 1000, inputs / 8);
    }

    [Fact]
    public void Any_bytes_in_the_rings_are_frames_drops_or_a_stopped_ring()
    {
        const int inputs = 200_000;
        var random = new Random(5);
        VhostMachine machine = Started();
        int stopped = 0;
        for (int i = 0; i < inputs; i++)
        {
            Scribble(machine.Transmit, machine, random);
            Scribble(machine.Receive, machine, random);
            machine.Transmit.ForceKick();
            _rig.Turn();
            _rig.ToNode(Sample.Super(DriverRig.Frame(true, random.Next(1, 3000))));
            if (_rig.Driver.Trouble is null)
                continue;
            stopped++;
            foreach (int index in (int[])[0, 1])
            {
                machine.Send(VhostRequest.GetRingBase, VhostMachine.State(index, 0));
                MachineRing ring = index == 0 ? machine.Receive : machine.Transmit;
                machine.StartRing(index, VhostMachine.AllFeatures, ring.Seen);
            }

            Settle();
            while (machine.Answer().Payload.Length > 0)
            {
            }
        }

        Assert.InRange(stopped, inputs / 20, inputs);
        Assert.False(_rig.Port.IsBroken);
        Assert.NotEqual(0, _rig.Port.Counters[PortCount.FramesToNode]);
        Assert.NotEqual(0, _rig.Port.Counters[PortCount.FramesFromNode]);
    }

    // Valid in kind, wrong in one place now and then.
    private static void Mutated(VhostMachine machine, Random random)
    {
        VhostRequest[] requests = [VhostRequest.SetRingAddresses, VhostRequest.SetFeatures, VhostRequest.SetRingEnable,
            VhostRequest.GetRingBase, VhostRequest.SetRingBase, VhostRequest.SendRarp, VhostRequest.SetRingCall,
            VhostRequest.SetMemoryTable, VhostRequest.SetRingKick, VhostRequest.SetMtu, VhostRequest.SetLogBase,
            VhostRequest.SetOwner, VhostRequest.GetFeatures, VhostRequest.SetRingSize];
        VhostRequest request = requests[random.Next(requests.Length)];
        int index = random.Next(2);
        MachineRing ring = index == 0 ? machine.Receive : machine.Transmit;
        (byte[] payload, int[] descriptors) = request switch
        {
            VhostRequest.SetRingAddresses => (machine.Addresses(index, random.Next(2) == 0), (int[])[]),
            VhostRequest.SetFeatures => (VhostMachine.Number(VhostFeatures.Offered), []),
            VhostRequest.SetRingKick => (VhostMachine.Number((ulong)index), [ring.KickFd]),
            VhostRequest.SetRingCall => (VhostMachine.Number((ulong)index), [ring.CallFd]),
            VhostRequest.SetMemoryTable => (machine.MemoryTable(), [machine.Memory.Fd]),
            VhostRequest.SetLogBase => ([.. VhostMachine.Number(4096), .. VhostMachine.Number(0)], [machine.Memory.Fd]),
            VhostRequest.SetOwner or VhostRequest.GetFeatures => ([], []),
            VhostRequest.SetRingSize => (VhostMachine.State(index, 256), []),
            _ => (VhostMachine.State(index, 1), []),
        };
        byte[] message =
        [
            .. BitConverter.GetBytes((uint)request), .. BitConverter.GetBytes(1 | random.Next(2) << 3),
            .. BitConverter.GetBytes(payload.Length), .. payload,
        ];
        if (random.Next(20) == 0)
            message[random.Next(message.Length)] ^= (byte)(1 << random.Next(8));
        machine.SendBytes(message, descriptors);
    }

    private static void Scribble(MachineRing ring, VhostMachine machine, Random random)
    {
        ushort head = (ushort)random.Next(ring.Size);
        ulong address = SlotAddress(ring) + (ulong)random.Next(5000);
        if (random.Next(8) == 0)
            address = (ulong)random.NextInt64();
        ushort flags = (ushort)(ring == machine.Receive ? 2 : 0);
        if (random.Next(3) == 0)
            flags ^= (ushort)random.Next(8);
        uint length = random.Next(10) == 0 ? (uint)random.NextInt64() : (uint)random.Next(2000);
        if (random.Next(2) == 0)
        {
            byte[] frame = Sample.Super(DriverRig.Frame(false, 100));
            frame[random.Next(frame.Length)] = (byte)random.Next(256);
            frame.CopyTo(ring.Slot(0));
            address = SlotAddress(ring);
        }

        ring.Describe(head, address, length, flags, (ushort)random.Next(ring.Size + 10));
        if (random.Next(200) == 0)
            random.NextBytes(machine.Memory.Bytes(ring.Descriptors, 16 * ring.Size));
        ring.Add(random.Next(100) == 0 ? (ushort)random.Next(65_536) : head);
        if (random.Next(300) == 0)
            random.NextBytes(machine.Memory.Bytes(ring.Used, 6 + 8 * ring.Size));
    }

    private static ulong SlotAddress(MachineRing ring) => ring.GuestAddress(ring.End - ring.Size * ring.SlotBytes);

    private static byte[] Table(uint count, ulong guest, ulong size, ulong user, ulong offset) =>
    [
        .. BitConverter.GetBytes(count), 0, 0, 0, 0, .. VhostMachine.Number(guest), .. VhostMachine.Number(size),
        .. VhostMachine.Number(user), .. VhostMachine.Number(offset),
    ];

    private static void Chain(MachineRing ring, params (int At, uint Length, ushort Flags, ushort Next)[] all)
    {
        for (int i = 0; i < all.Length; i++)
            ring.Describe(i, SlotAddress(ring) + (ulong)all[i].At, all[i].Length, all[i].Flags, all[i].Next);
        ring.Add(0);
    }

    private static void Raw(MachineRing ring, ulong address, uint length, ushort flags = 0)
    {
        ring.Describe(0, address, length, flags, 0);
        ring.Add(0);
    }

    private void Refused(Action<VhostMachine> send, string? says)
    {
        _machine = new VhostMachine(_path, ringSize: 16);
        _rig.Add(new VhostDriver(_path));
        _machine.Accept();
        send(_machine);
        Settle();
        if (says is not null)
        {
            Assert.Contains(says, _rig.Driver.Trouble, StringComparison.Ordinal);
            Assert.True(_rig.Port.IsBroken);
        }

        End();
    }

    private VhostMachine Started()
    {
        if (_machine is null)
            _machine = new VhostMachine(_path);
        _rig.Add(new VhostDriver(_path));
        _machine.Accept();
        _machine.Transmit.Reset();
        _machine.Receive.Reset();
        _machine.Start();
        Settle();
        Assert.Null(_rig.Driver.Trouble);
        return _machine;
    }

    private void Settle()
    {
        for (int i = 0; i < 1000 && _rig.Turn(); i++)
        {
        }
    }

    private void End()
    {
        if (_machine is { Receive.Size: 256 })
        {
            _machine.Hang();
            return;
        }

        _machine!.Dispose();
        _machine = null;
        File.Delete(_path);
    }
}
