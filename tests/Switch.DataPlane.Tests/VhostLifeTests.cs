namespace VioActors.Switch.DataPlane.Tests;

/// <summary>The life of a connection of vhost-user: answers, stops, announcements, moves, restarts.</summary>
public sealed class VhostLifeTests : IDisposable
{
    private const ulong LogAll = 1 << 26;
    private readonly VhostRig _vhost = new();
    private readonly byte[] _got = new byte[Limits.MaxSuperFrameBytes];

    private DriverRig Rig => _vhost.Rig;

    public void Dispose() => _vhost.Dispose();

    [Fact]
    public void A_stopped_ring_says_where_it_was_and_goes_on_there()
    {
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
        for (int i = 0; i < 5; i++)
            machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
        machine.Transmit.Kick();
        Rig.Until(() => Rig.Sink.Frames.Count == 5);
        machine.Send(VhostRequest.GetRingBase, VhostMachine.State(1, 0));
        _vhost.Settle();
        Assert.Equal((VhostRequest.GetRingBase, 5), AnswerState(machine));
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 6)));
        machine.Transmit.ForceKick();
        _vhost.Settle();
        Assert.Equal(5, Rig.Sink.Frames.Count);
        Assert.Contains("not started", Rig.Driver.Trouble, StringComparison.Ordinal);
        machine.StartRing(1, VhostMachine.AllFeatures, first: 5);
        Rig.Until(() => Rig.Sink.Frames.Count == 6);
    }

    [Fact]
    public void Requests_are_answered_as_the_protocol_says()
    {
        VhostMachine machine = _vhost.Connected();
        machine.Send(VhostRequest.GetFeatures, []);
        machine.Send(VhostRequest.GetProtocolFeatures, []);
        machine.Send(VhostRequest.GetQueueNumber, []);
        machine.Send(VhostRequest.SetOwner, VhostProtocol.Version | VhostProtocol.NeedsReply, []);
        _vhost.Settle();
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
        _vhost.Settle();
        Assert.Equal(1UL, BitConverter.ToUInt64(machine.Answer().Payload));
        Assert.Contains("not offered", Rig.Driver.Trouble, StringComparison.Ordinal);
        Assert.True(Rig.Port.IsBroken);
    }

    [Fact]
    public void The_hypervisor_announces_a_machine_that_came()
    {
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
        byte[] mac = new byte[8];
        Sample.Mac(Sample.Mac1).Write(mac);
        machine.Send(VhostRequest.SendRarp, mac);
        Sample.Mac(Sample.Mac3).Write(mac);
        machine.Send(VhostRequest.SendRarp, mac);
        _vhost.Settle();
        Assert.Equal(1, Rig.Port.Counters[PortCount.Announcements]);
        Assert.Equal(1, Rig.Port.Counters[PortCount.DropSpoofedMac]);
    }

    [Fact]
    public void Every_written_page_is_in_the_log_while_a_move_is_on_and_none_before()
    {
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
        machine.Receive.Fill();
        using var log = new SharedMemory(4096 * 256);
        machine.Send(VhostRequest.SetLogBase, LogOf(log), log.Fd);
        _vhost.Settle();
        Assert.Equal(VhostRequest.SetLogBase, machine.Answer().Request);
        Rig.ToNode(VhostRig.Uncut(toNode: true, 20_000));
        Assert.True(log.Bytes(0, log.Size).IndexOfAnyExcept((byte)0) < 0, "no move is on");
        Assert.True(machine.Receive.TryReceive(_got) > 20_000);
        machine.Send(VhostRequest.SetFeatures, VhostMachine.Number(VhostMachine.AllFeatures | LogAll));
        machine.SetAddresses(0, log: true);
        machine.SetAddresses(1, log: true);
        _vhost.Settle();
        byte[] before = machine.Memory.Bytes(0, machine.Memory.Size).ToArray();
        Rig.ToNode(VhostRig.Uncut(toNode: true, 30_000));
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
        byte[] sent = machine.Memory.Bytes(0, machine.Memory.Size).ToArray();
        machine.Transmit.Kick();
        Rig.Until(() => Rig.Sink.Frames.Count == 1);
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
        VhostMachine machine = _vhost.Started(VhostMachine.AllFeatures);
        machine.Hang();
        Rig.Until(() => Rig.Driver.Trouble is not null);
        Rig.ToNode(Sample.Super(DriverRig.Frame(true, 5)));
        Assert.Equal(1, Rig.Port.Counters[PortCount.DropWriteFailed]);
        Assert.Contains("connecting again", Rig.Driver.Trouble, StringComparison.Ordinal);
        Rig.Pass(Limits.MaxReconnectPauseMs);
        machine.Accept();
        machine.Start();
        _vhost.Settle();
        machine.Transmit.TrySend(Sample.Super(DriverRig.Frame(false, 5)));
        machine.Transmit.Kick();
        Rig.Until(() => Rig.Sink.Frames.Count == 1);
    }

    private static byte[] LogOf(SharedMemory log) =>
        [.. VhostMachine.Number((ulong)log.Size), .. VhostMachine.Number(0)];

    private static (VhostRequest Request, int Number) AnswerState(VhostMachine machine)
    {
        (VhostRequest request, byte[] payload) = machine.Answer();
        return (request, BitConverter.ToInt32(payload, 4));
    }
}
