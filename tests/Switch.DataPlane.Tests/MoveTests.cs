namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A node goes from host a to host b while c talks to it; the controller is not asked.</summary>
public sealed class MoveTests : IDisposable
{
    private readonly MemoryNetwork _network = new();
    private readonly TestHost _a;
    private readonly TestHost _b;
    private readonly TestHost _c;
    private readonly SwitchPort _source;
    private readonly MemorySink _atSource;
    private readonly SwitchPort _target;
    private readonly MemorySink _atTarget;
    private readonly SwitchPort _talker;
    private readonly MemorySink _atTalker;

    public MoveTests()
    {
        _a = _network.Add("a", 1);
        _b = _network.Add("b", 2);
        _c = _network.Add("c", 3);
        ApplyAll(preBound: "b", sequence: 5);
        (_source, _atSource) = _a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (_target, _atTarget) = _b.AddPort("e", Sample.Mac1, Sample.Ip1, open: false);
        (_talker, _atTalker) = _c.AddPort("e", Sample.Mac3, Sample.Ip3);
        _network.Pass(1000);
    }

    public void Dispose() => _network.Dispose();

    [Fact]
    public void BeforeItArrivesTheSourceGetsTheFrames()
    {
        Talk();
        Assert.Single(_atSource.Frames);
        Assert.Empty(_atTarget.Frames);

        // A closed port speaks for nobody.
        _b.FromNode("e", _target, Sample.Packet(Sample.Mac3, Sample.Mac1, Sample.Ip1, Sample.Ip3));
        Assert.Equal(1, _target.Counters[PortCount.DropPortClosed]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ItsFirstAnnouncementMovesItForEveryone(bool byRarp)
    {
        _b.FromNode("e", _target, byRarp ? Sample.Rarp(Sample.Mac1)
            : Sample.Arp(1, Sample.Mac1, Sample.Ip1, Sample.Ip1));
        _network.Run();
        Talk();
        Assert.True(_target.IsOpen);
        Assert.Single(_atTarget.Frames);
        Assert.Empty(_atSource.Frames);

        // The paused source still empties its queue; it must not pull the address back.
        _a.FromNode("e", _source, Sample.Rarp(Sample.Mac1));
        _a.FromNode("e", _source, Sample.Packet(Sample.Mac3, Sample.Mac1, Sample.Ip1, Sample.Ip3));
        _network.Run();
        Talk();
        Assert.Equal(2, _atTarget.Frames.Count);
        Assert.Equal(1, _source.Counters[PortCount.DropMovedAway]);
    }

    [Fact]
    public void StragglersArePassedOnForTheGraceOnly()
    {
        // c does not hear of the move.
        _network.Filter = d => !d.To.Equals(_c.Address.EndPoint);
        _b.FromNode("e", _target, Sample.Rarp(Sample.Mac1));
        _network.Run();
        Talk();
        Assert.Single(_atTarget.Frames);
        Assert.Equal(1, _a.Peer("e", _c).Counters[TunnelCount.StragglersForwarded]);
        _network.Pass(Limits.StragglerGraceMs + 100);
        Talk();
        Assert.Single(_atTarget.Frames);
        Assert.Equal(1, _a.Peer("e", _c).Counters[TunnelCount.DropSplitHorizon]);
    }

    /// <summary>
    /// What a host may pass on follows from moves, so a host that was broken into gains no addresses.
    /// </summary>
    [Theory]
    [InlineData(Sample.Mac3, Sample.Mac1, Sample.Ip3, 1)] // the node that moved here, from a third host's node
    [InlineData("02:00:00:00:00:09", Sample.Mac1, Sample.Ip3, 0)] // from nobody
    [InlineData(Sample.Mac1, Sample.Mac1, Sample.Ip1, 0)] // from this host's own node
    [InlineData(Sample.Mac3, Sample.Mac1, "10.1.0.9", 0)] // with an address that its sender was not given
    [InlineData(Sample.Mac3, "ff:ff:ff:ff:ff:ff", Sample.Ip3, 0)] // to everybody
    public void AHostPassesOnOnlyWhatAMoveExplains(string fromMac, string toMac, string fromIp, int arrives)
    {
        byte[] frame = Sample.Super(Sample.Packet(toMac, fromMac, fromIp, Sample.Ip1));
        _b.FromNode("e", _target, Sample.Rarp(Sample.Mac1));
        _network.Run();
        ApplyAll(preBound: "b", sequence: 5);
        PassOn(_a, frame);
        PassOn(_c, frame);
        Assert.Equal(arrives, _atTarget.Frames.Count);
        Assert.Equal(1 - arrives, _b.Peer("e", _a).Counters[TunnelCount.DropNotListed]);
        Assert.Equal(1, _b.Peer("e", _c).Counters[TunnelCount.DropNotListed]);
    }

    [Fact]
    public void ASettledMoveExplainsStragglersForTheGraceOnly()
    {
        byte[] frame = Sample.Super(Sample.Packet(Sample.Mac1, Sample.Mac3, Sample.Ip3, Sample.Ip1));
        _b.FromNode("e", _target, Sample.Rarp(Sample.Mac1));
        _network.Run();
        foreach (TestHost host in (TestHost[])[_a, _b, _c])
            host.Apply(Plan(host, "b", null, 7, openHere: false));
        PassOn(_a, frame);
        Assert.Single(_atTarget.Frames);
        _network.Pass(Limits.StragglerGraceMs + 100);
        PassOn(_a, frame);
        Assert.Single(_atTarget.Frames);
    }

    [Fact]
    public void AHostThatNeverHadTheNodePassesNothingOn()
    {
        PassOn(_b, Sample.Super(Sample.Packet(Sample.Mac3, Sample.Mac1, Sample.Ip1, Sample.Ip3)));
        PassOn(_b, Sample.Super(Sample.Packet(Sample.Mac3, "02:00:00:00:00:09", Sample.Ip1, Sample.Ip3)));
        Assert.Empty(_atTalker.Frames);
        Assert.Equal(2, _c.Peer("e", _b).Counters[TunnelCount.DropNotListed]);

        // The control: the same frame from the host that the node is on.
        _a.FromNode("e", _source, Sample.Packet(Sample.Mac3, Sample.Mac1, Sample.Ip1, Sample.Ip3));
        _network.Run();
        Assert.Single(_atTalker.Frames);
    }

    [Fact]
    public void AListedNodeCannotLendItsAddressToAnArpReply()
    {
        byte[] forged = Sample.Arp(2, Sample.Mac3, Sample.Ip2, Sample.Ip1);
        Sample.Mac(Sample.Mac1).Write(forged);
        _c.Core.Sender.SendFrame(_c.Peer("e", _a), Sample.Super(forged), 0, passedOn: false);
        _network.Run();
        Assert.Equal(1, _a.Peer("e", _c).Counters[TunnelCount.DropNotListed]);
    }

    [Fact]
    public void ALostClaimIsRepeated()
    {
        _network.Filter = _ => false;
        _b.FromNode("e", _target, Sample.Rarp(Sample.Mac1));
        _network.Run();
        _network.Filter = _ => true;
        _network.Pass(200);
        Talk();
        Assert.Single(_atTarget.Frames);
    }

    [Fact]
    public void AClaimOfAHostThatIsNotListedIsRefused()
    {
        ApplyAll(preBound: null, sequence: 6);
        _b.Core.Sender.SendClaim(_b.Peer("e", _c), Sample.Mac(Sample.Mac1), 100);
        _network.Run();
        Assert.Equal(1, _c.Peer("e", _b).Counters[TunnelCount.ClaimRefused]);
        Talk();
        Assert.Single(_atSource.Frames);
    }

    [Fact]
    public void AnOlderClaimChangesNothing()
    {
        _b.FromNode("e", _target, Sample.Rarp(Sample.Mac1));
        _network.Run();
        _a.Core.Sender.SendClaim(_a.Peer("e", _c), Sample.Mac(Sample.Mac1), 6);
        _network.Run();
        Assert.Equal(1, _c.Peer("e", _a).Counters[TunnelCount.ClaimStale]);
        Talk();
        Assert.Single(_atTarget.Frames);
    }

    [Fact]
    public void AControllerThatKnowsLessDoesNotUndoTheMove()
    {
        _b.FromNode("e", _target, Sample.Rarp(Sample.Mac1));
        _network.Run();
        ApplyAll(preBound: "b", sequence: 5);
        Talk();
        Assert.Single(_atTarget.Frames);

        // But it can: a row that no longer lists the new host wins.
        ApplyAll(preBound: null, sequence: 6);
        Talk();
        Assert.Single(_atSource.Frames);
    }

    [Fact]
    public void TheControllerMayOpenThePortToo()
    {
        foreach (TestHost host in (TestHost[])[_a, _b])
            host.Apply(Plan(host, "b", null, 6, openHere: true));
        _network.Run();
        Talk();
        Assert.True(_target.IsOpen);
        Assert.Single(_atTarget.Frames);
    }

    [Fact]
    public void ANodeMayComeBackToThePortItLeft()
    {
        _b.FromNode("e", _target, Sample.Rarp(Sample.Mac1));
        _network.Run();
        foreach (TestHost host in (TestHost[])[_a, _b, _c])
            host.Apply(Plan(host, "b", "a", 7, openHere: false, closedHere: _a));
        _b.FromNode("e", _target, Sample.Rarp(Sample.Mac1));
        _network.Run();
        Talk();
        Assert.Single(_atTarget.Frames);
        _a.FromNode("e", _source, Sample.Rarp(Sample.Mac1));
        _network.Run();
        Talk();
        Assert.Single(_atSource.Frames);
    }

    private void PassOn(TestHost by, byte[] superFrame)
    {
        TestHost to = by == _b ? _c : _b;
        by.Core.Sender.SendFrame(
            by.Peer("e", to), superFrame, by.Core.Environments["e"].Origin, passedOn: true);
        _network.Run();
    }

    private void Talk()
    {
        _c.FromNode("e", _talker, Sample.Packet(Sample.Mac1, Sample.Mac3, Sample.Ip3, Sample.Ip1));
        _network.Run();
    }

    private void ApplyAll(string? preBound, ulong sequence)
    {
        foreach (TestHost host in (TestHost[])[_a, _b, _c])
            host.Apply(Plan(host, "a", preBound, sequence, openHere: false));
    }

    private EnvironmentPlan Plan(TestHost self, string host, string? preBound, ulong sequence, bool openHere,
        TestHost? closedHere = null) =>
        new("e",
        [.. ((TestHost[])[_a, _b, _c]).Where(h => h != self).Select(h => new PeerPlan(h.Id, h.Address.EndPoint))], null,
        openHere && self == _b || self == closedHere
            ? [new PortPlan("t", "b", "n", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), openHere, 1500)] : [],
        [Sample.Node(host, Sample.Mac1, Sample.Ip1, preBound, sequence), Sample.Node("c", Sample.Mac3, Sample.Ip3)]);
}
