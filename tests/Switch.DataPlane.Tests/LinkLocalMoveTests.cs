namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A node moves from host a to host b with the link-local address that it chose; c talks to it.</summary>
public sealed class LinkLocalMoveTests : IDisposable
{
    private static readonly Ipv6 One = LinkLocalRig.Chosen(1);
    private readonly LinkLocalRig _rig = new("abc");
    private readonly SwitchPort _target;
    private readonly MemorySink _atTarget;

    public LinkLocalMoveTests()
    {
        foreach (char host in "abc")
            _rig.Apply(host, preBoundOfFirst: "b");
        (_target, _atTarget) = _rig.Hosts['b'].AddPort("e", Sample.Mac1, Sample.Ip1, open: false);
        _rig.Probe(1, One);
        _rig.Network.Pass(1000);
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void ItsOldHostTellsTheNewOneAndNothingIsLost()
    {
        Assert.Null(_rig.At('b', One));
        Arrive();
        _rig.Network.Run();
        FromTarget(LinkLocalRig.Packet(1, 3, One));
        Assert.Single(_rig.Got(3));
        Assert.Equal(0, _target.Counters[PortCount.DropUnsettledAddress]);

        // The word is for the new host, not for the nodes there.
        Assert.Empty(_atTarget.Frames);
        Assert.Empty(_rig.Got(2));
    }

    [Fact]
    public void WordOfItsOldHostThatIsLostComesAgain()
    {
        _rig.Network.Filter = d => !d.From.Equals(_rig.Hosts['a'].Address.EndPoint);
        Arrive();
        _rig.Network.Run();
        Assert.Null(_rig.At('b', One));
        _rig.Network.Filter = _ => true;
        _rig.Probe(3, One);
        _rig.Network.Pass(500);
        Assert.True(LinkLocalRig.Says(Assert.Single(_rig.Got(3)), 1, One));
        FromTarget(LinkLocalRig.Packet(1, 3, One));
        Assert.Single(_rig.Got(3));
        Assert.Equal(0, _target.Counters[PortCount.DropUnsettledAddress]);
    }

    [Fact]
    public void WhatTheOldHostCannotTellTheNodesOwnFramesDo()
    {
        _rig.Network.Filter = d => !d.From.Equals(_rig.Hosts['a'].Address.EndPoint);
        Arrive();
        _rig.Network.Run();
        FromTarget(LinkLocalRig.Packet(1, 3, One));
        Assert.Equal(1, _target.Counters[PortCount.DropUnsettledAddress]);
        _rig.Network.Pass(500);
        FromTarget(LinkLocalRig.Packet(1, 3, One));
        Assert.Single(_rig.Got(3));
    }

    [Fact]
    public void TheHostThatItIsOnAnswersForItAndNoOtherNodeGetsItsAddress()
    {
        Arrive();
        _rig.Network.Run();
        _rig.Probe(3, One);
        _rig.Network.Pass(500);
        Assert.True(LinkLocalRig.Says(Assert.Single(_rig.Got(3)), 1, One));
        Assert.Equal((1, 0),
            (_target.Counters[PortCount.AddressesDefended], _rig.Count(1, PortCount.AddressesDefended)));
        _rig.Data(3, 2, One);
        _rig.Network.Run();
        Assert.Empty(_rig.Got(2));

        // Its old port speaks with the address no more than with any other.
        _rig.Data(1, 3, One);
        _rig.Network.Run();
        Assert.Equal((0, 1), (_rig.Got(3).Length, _rig.Count(1, PortCount.DropMovedAway)));
    }

    [Fact]
    public void WhatAnotherHostPassesOnIsNotBelieved()
    {
        Arrive();
        _rig.Network.Run();
        Ipv6 other = LinkLocalRig.Chosen(2);
        foreach (Ipv6 source in (Ipv6[])[other, One])
        {
            _rig.Hosts['a'].Core.Sender.SendFrame(
                _rig.Hosts['a'].Peer("e", _rig.Hosts['b']), Sample.Super(LinkLocalRig.Packet(3, 1, source)),
                _rig.Hosts['a'].Core.Environments["e"].Origin, passedOn: true);
            _rig.Network.Run();
        }

        // It may be a straggler of its node; but whose the address is, only the node's own host says.
        Assert.Equal(other, FrameView.Parse(Assert.Single(_atTarget.Frames)).Ipv6Source);
        Assert.Null(_rig.At('b', other));
        Assert.Equal(1, _rig.Hosts['b'].Peer("e", _rig.Hosts['a']).Counters[TunnelCount.DropNotListed]);
    }

    [Fact]
    public void AHostFromWhichNoNodeCameTellsNothing()
    {
        SwitchCore hostile = _rig.Hosts['c'].Core;
        hostile.Environments["e"].LinkLocals.Learn(LinkLocalRig.Mac(1), LinkLocalRig.Chosen(2), hostile.NowMs);
        hostile.LinkLocals.MovedTo(_rig.Hosts['c'].Peer("e", _rig.Hosts['b']), LinkLocalRig.Mac(1));
        _rig.Network.Run();
        Assert.Null(_rig.At('b', LinkLocalRig.Chosen(2)));
        Assert.Equal(1, _rig.Hosts['b'].Peer("e", _rig.Hosts['c']).Counters[TunnelCount.DropNotListed]);
    }

    private void Arrive() => _rig.Hosts['b'].FromNode("e", _target, Sample.Rarp(Sample.Mac1));

    private void FromTarget(byte[] frame)
    {
        _rig.Hosts['b'].FromNode("e", _target, frame);
        _rig.Network.Run();
    }
}
