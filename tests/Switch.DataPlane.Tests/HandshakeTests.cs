namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Who gets a session, and what everybody else gets.</summary>
public sealed class HandshakeTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public void AHostOfTheSiteIsAccepted()
    {
        (TestHost a, TestHost b) = Pair();
        Assert.True(Handshakes.IsUp(a.Peer("e", b), a.Core.NowMs));
        Assert.True(Handshakes.IsUp(b.Peer("e", a), b.Core.NowMs));
        Assert.Null(a.Peer("e", b).LastRefusal);
    }

    [Fact]
    public void AnotherCaIsRefused()
    {
        using var other = new TestSite("site1", _network.Time.GetUtcNow());
        (TestHost a, TestHost b) = Pair(site: other);
        ExpectDown(a, b, "chain");
    }

    [Theory]
    [InlineData("vio://site/site1/agent/c")]
    [InlineData("vio://site/site2/agent/b")]
    [InlineData("vio://site/site1/server/b")]
    public void ACertificateOfAnotherHostSiteOrRoleIsRefused(string uri)
    {
        (TestHost a, TestHost b) = Pair(uri: uri);
        ExpectDown(a, b, "another host, role or site");
    }

    [Fact]
    public void AnotherEnvironmentIsRefused()
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        a.Apply("e", [(a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2)]);
        b.Apply("f", [(a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2)]);
        _network.Pass(2000);
        Assert.False(Handshakes.IsUp(a.Peer("e", b), a.Core.NowMs));
        Assert.NotEqual(0, b.Core.Counters[TunnelCount.DropUnknownEnvironment]);
    }

    [Fact]
    public void AHostThatIsNoMemberIsRefused()
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        a.Apply("e", [(a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2)]);
        b.Apply("e", [(b, Sample.Mac2, Sample.Ip2)]);
        _network.Pass(2000);
        Assert.False(Handshakes.IsUp(a.Peer("e", b), a.Core.NowMs));
        Assert.NotEqual(0, b.Core.Counters[TunnelCount.DropUnknownHost]);
    }

    [Fact]
    public void AReplayedInitMakesNoSession()
    {
        var inits = new List<Datagram>();
        _network.Filter = d =>
        {
            if (d.Bytes[0] == (byte)DatagramType.Init)
                inits.Add(d with { Bytes = [.. d.Bytes] });
            return true;
        };
        (TestHost a, TestHost b) = Pair();
        int sessions = b.Core.Sessions.Count;
        TunnelSession current = b.Peer("e", a).Current!;
        _network.Enqueue(inits[0]);
        _network.Run();
        Assert.Equal(sessions, b.Core.Sessions.Count);
        Assert.Same(current, b.Peer("e", a).Current);
        Assert.Equal(1, b.Peer("e", a).Counters[TunnelCount.RefusedReplay]);
    }

    [Fact]
    public void EveryChangedByteOfAnInitIsNoticed()
    {
        // Taken from a peer that was away, so that only the change can be the reason.
        var inits = new List<Datagram>();
        _network.Filter = d =>
        {
            inits.Add(d with { Bytes = [.. d.Bytes] });
            return false;
        };
        (TestHost a, TestHost b) = Pair();
        Datagram init = inits.Last(d => d.From.Equals(a.Address.EndPoint));
        _network.Filter = d => d.From.Equals(a.Address.EndPoint);
        for (int i = 0; i < init.Bytes.Length; i += 3)
        {
            byte[] changed = [.. init.Bytes];
            changed[i] ^= 0x40;
            _network.Time.Advance(300);
            _network.Enqueue(init with { Bytes = changed });
            _network.Run();
            Assert.True(b.Core.Sessions.Count == 0, $"byte {i}");
        }

        _network.Enqueue(init);
        _network.Run();
        Assert.Single(b.Core.Sessions);
    }

    [Fact]
    public void AForgedPacketDoesNotEndASession()
    {
        (TestHost a, TestHost b) = Pair();
        TunnelSession current = b.Peer("e", a).Current!;
        byte[] forged = new byte[100];
        new DatagramHeader(DatagramType.Data, 1, 0, current.LocalId, 1000).Write(forged);
        _network.Enqueue(new Datagram(a.Address.EndPoint, b.Address.EndPoint, forged));
        _network.Enqueue(new Datagram(new System.Net.IPEndPoint(99, 99), b.Address.EndPoint, [.. forged]));
        _network.Run();
        Assert.Same(current, b.Peer("e", a).Current);
        Assert.Equal(1, b.Peer("e", a).Counters[TunnelCount.DropForged]);
        Assert.Equal(1, b.Peer("e", a).Counters[TunnelCount.DropWrongSource]);
    }

    [Fact]
    public void AFloodOfInitsIsBounded()
    {
        (TestHost a, TestHost b) = Pair();
        long completed = 0;
        _network.Filter = d =>
        {
            completed += d.Bytes[0] == (byte)DatagramType.Response && d.From.Equals(b.Address.EndPoint) ? 1 : 0;
            return true;
        };
        for (int i = 0; i < 200; i++)
        {
            a.Peer("e", b).Current = null;
            a.Peer("e", b).NextAttemptMs = 0;
            a.Core.Tick();
            _network.Run();
        }

        Assert.InRange(completed, 0, Limits.HandshakesPerPeerPerSecond);
        Assert.NotEqual(0, b.Peer("e", a).Counters[TunnelCount.RefusedFlood]);
        Assert.InRange(b.Core.Sessions.Count, 1, Limits.MaxSessionsPerPeer);
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 3, false)]
    public void NeighbouringVersionsWorkTogether(byte min, byte max, bool up)
    {
        TestHost a = _network.Add("a", 1, s => s with { MinVersion = min, MaxVersion = max });
        TestHost b = _network.Add("b", 2);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        _network.Pass(3000);
        Assert.Equal(up, Handshakes.IsUp(a.Peer("e", b), a.Core.NowMs));
        Assert.Equal(up, b.Peer("e", a).Counters[TunnelCount.RefusedVersion] == 0);
        Assert.Equal(!up, b.Peer("e", a).LastRefusal?.Contains("version", StringComparison.Ordinal) == true);
    }

    /// <summary>Each side knows what the other can do, whoever began, and sends nothing else.</summary>
    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public void APeerIsSentWhatItsHelloSaysItUnderstands(string older, string newer)
    {
        TestHost Add(string id, int number) => _network.Add(
            id, number, s => id == older ? s with { Capabilities = TunnelCapabilities.None } : s);
        TestHost[] hosts = [Add("a", 1), Add("b", 2)];
        (TestHost old, TestHost young) = (hosts.Single(h => h.Id == older), hosts.Single(h => h.Id == newer));
        _network.Apply("e", (hosts[0], Sample.Mac1, Sample.Ip1), (hosts[1], Sample.Mac2, Sample.Ip2));
        _network.Pass(1000);
        Assert.Equal(TunnelCapabilities.None, young.Peer("e", old).Current!.Peer);
        Assert.Equal(TunnelCapabilities.Ours, old.Peer("e", young).Current!.Peer);

        foreach (TestHost host in hosts)
        {
            TestHost other = hosts.Single(h => h != host);
            host.Core.Sender.SendClaim(host.Peer("e", other), Sample.Mac(Sample.Mac3), 9);
        }

        _network.Run();
        Assert.Equal(0, old.Peer("e", young).Counters[TunnelCount.ClaimsIn]);
        Assert.Equal(1, young.Peer("e", old).Counters[TunnelCount.ClaimsIn]);
    }

    /// <summary>Both called at once, and one lost the session that the other sends with.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ASessionThatOnlyOneSideHasIsGivenUp(bool isLower)
    {
        (TestHost a, TestHost b) = Pair();
        (TestHost left, TestHost right) = isLower ? (a, b) : (b, a);
        PeerTunnel atLeft = left.Peer("e", right), atRight = right.Peer("e", left);
        TunnelSession first = atLeft.Current!;
        atLeft.Current = null;
        atLeft.NextAttemptMs = 0;
        _network.Pass(500);
        Assert.NotSame(first, atLeft.Current);
        TunnelSession gone = atRight.Sessions.Single(s => s.LocalId == first.RemoteId);
        left.Core.RemoveSession(atLeft, first);
        atRight.Use(gone);
        _network.Pass(12_000);
        Assert.NotSame(gone, atRight.Current);
        Assert.Equal(atLeft.Current!.RemoteId, atRight.Current!.LocalId);
    }

    [Fact]
    public void AnExpiredIdentityIsRefused()
    {
        (TestHost a, TestHost b) = Pair();
        _network.Time.Advance((int)TimeSpan.FromDays(3).TotalMilliseconds);
        _network.Pass(5000);
        Assert.False(Handshakes.IsUp(a.Peer("e", b), a.Core.NowMs));
        Assert.Contains("expired", b.Peer("e", a).LastRefusal);
    }

    private (TestHost A, TestHost B) Pair(TestSite? site = null, string? uri = null)
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2, null, site, uri);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        _network.Pass(1000);
        return (a, b);
    }

    private static void ExpectDown(TestHost a, TestHost b, string reason)
    {
        Assert.False(Handshakes.IsUp(a.Peer("e", b), a.Core.NowMs));
        Assert.NotEqual(0, a.Peer("e", b).Counters[TunnelCount.RefusedIdentity]);
        Assert.Contains(reason, a.Peer("e", b).LastRefusal);
        Assert.DoesNotContain(b.Core.Sessions, s => s.Value.Session.IsConfirmed);
    }
}
