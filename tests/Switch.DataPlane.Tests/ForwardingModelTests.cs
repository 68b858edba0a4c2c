using FsCheck;
using FsCheck.Fluent;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>The rules against a slow model that is written as a list of sentences.</summary>
public class ForwardingModelTests
{
    private static readonly string[] Macs =
        [Sample.Mac1, Sample.Mac2, Sample.Mac3, "02:00:00:00:00:09", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01",
            "01:80:c2:00:00:0e"];

    private static readonly string[] Ips = [Sample.Ip1, Sample.Ip2, Sample.Ip3, "10.1.0.9"];

    /// <summary>One frame in words; the port under test has Mac1 and Ip1, the table Mac1..3 and Ip1..3.</summary>
    private sealed record Case(
        string Kind, string To, string From, string SenderIp, string TargetIp, bool Open, bool MovedAway);

    [Fact]
    public void FramesOfAPortGoWhereTheModelSays() => Prop.ForAll(Cases().ToArbitrary(), c =>
    {
        (SwitchEnvironment environment, PeerTunnel peer) = Table();
        var port = new SwitchPort(
            "e", "t", "n", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), new MemorySink())
        { IsOpen = c.Open };
        if (c.MovedAway)
            environment.Find(port.Mac)!.Peer = peer;
        PortVerdict verdict = Forwarding.FromPort(environment, port, FrameView.Parse(Build(c)), nowMs: 1);
        string actual = verdict.Action switch
        {
            PortAction.Drop => verdict.Reason.ToString(),
            PortAction.Forward or PortAction.AnswerArp => $"{verdict.Action} {verdict.Entry!.Mac}",
            PortAction action => action.ToString(),
        };
        return (actual == Model(c)).Label($"{c}: {actual} instead of {Model(c)}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void FramesOfATunnelNeverGoBackToATunnel() => Prop.ForAll(Cases().ToArbitrary(), c =>
    {
        (SwitchEnvironment environment, PeerTunnel peer) = Table();
        PeerVerdict verdict = Forwarding.FromPeer(
            environment, peer, FrameView.Parse(Build(c)), passedOn: false, nowMs: 1);

        // Only Mac2 is on the peer; only Mac1 is here; nothing was ever here and left.
        string expected = c.To == Macs[6] ? "DropRunt"
            : c.From != Sample.Mac2 ? "DropNotListed"
            : c.Kind is "ip" or "ipv6" or "request" or "reply" && c.SenderIp != Sample.Ip2 ? "DropNotListed"
            : c.To is "ff:ff:ff:ff:ff:ff" or "01:00:5e:00:00:01" ? "ToPorts"
            : c.To == Sample.Mac1 ? "ToNode"
            : c.To is Sample.Mac2 or Sample.Mac3 ? "DropSplitHorizon"
            : "DropUnknownUnicast";
        string actual = verdict.Action == PeerAction.Drop ? verdict.Reason.ToString() : verdict.Action.ToString();
        return (actual == expected).Label($"{c}: {actual} instead of {expected}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static string Model(Case c)
    {
        bool arp = c.Kind is "request" or "reply";
        if (c.To == Macs[6])
            return "DropLinkLocalGroup";
        if (c.From != Sample.Mac1)
            return "DropSpoofedMac";
        if (arp && c.SenderIp != Sample.Ip1)
            return "DropSpoofedArp";
        if (c.Kind is "ip" or "ipv6" && c.SenderIp != Sample.Ip1)
            return "DropSpoofedIp";
        if (arp && c.TargetIp == c.SenderIp || c.Kind == "rarp")
            return "Announce";
        if (!c.Open)
            return "DropPortClosed";
        if (c.MovedAway)
            return "DropMovedAway";
        if (c.Kind == "request" && c.TargetIp is Sample.Ip2 or Sample.Ip3 && c.Kind == "request")
            return "AnswerArp " + (c.TargetIp == Sample.Ip2 ? Sample.Mac2 : Sample.Mac3);
        if (c.To is "ff:ff:ff:ff:ff:ff" or "01:00:5e:00:00:01")
            return "Flood";
        return c.To == "02:00:00:00:00:09" ? "DropUnknownUnicast" : "Forward " + c.To;
    }

    private static Gen<Case> Cases() =>
        from kind in Gen.Elements("ip", "request", "reply", "rarp", "ipv6")
        from to in Gen.Elements(Macs)
        from forged in Gen.Choose(0, 4)
        from peerMac in Gen.Elements(Sample.Mac2, Sample.Mac3)
        from senderIp in Gen.Elements(Sample.Ip1, Sample.Ip1, Sample.Ip2)
        from targetIp in Gen.Elements(Ips)
        from open in Gen.Elements(true, true, false)
        from moved in Gen.Elements(false, false, true)
        select new Case(kind, to, forged < 3 ? Sample.Mac1 : peerMac, senderIp, targetIp, open, moved);

    private static byte[] Build(Case c)
    {
        byte[] frame = c.Kind switch
        {
            "request" => Sample.Arp(1, c.From, c.SenderIp, c.TargetIp),
            "reply" => Sample.Arp(2, c.From, c.SenderIp, c.TargetIp),
            "rarp" => Sample.Rarp(c.From),
            "ipv6" => Sample6.Packet(Sample.Mac2, c.From,
                Sample6.LinkLocal(c.SenderIp == Sample.Ip1 ? Sample.Mac1 : Sample.Mac2), Sample6.Ip(Sample6.Ip2), 6,
                new byte[40]),
            _ => Sample.Packet(Sample.Mac2, c.From, c.SenderIp, c.TargetIp),
        };
        Sample.Mac(c.To).Write(frame);
        return frame;
    }

    private static (SwitchEnvironment Environment, PeerTunnel Peer) Table()
    {
        var environment = new SwitchEnvironment("e", isolated: true);
        var b = new PeerTunnel(environment, "b", SocketAddress.From(new System.Net.IPEndPoint(1, 1)));
        var c = new PeerTunnel(environment, "c", SocketAddress.From(new System.Net.IPEndPoint(2, 1)));
        environment.Peers.AddRange([b, c]);
        foreach ((string host, string mac, string ip) in ((string, string, string)[])
            [("a", Sample.Mac1, Sample.Ip1), ("b", Sample.Mac2, Sample.Ip2), ("c", Sample.Mac3, Sample.Ip3)])
        {
            var entry = new MacEntry(Sample.Mac(mac), Sample.Ip(ip), "n");
            entry.Update(host, null, 1, "a", 0);
            environment.Add(entry);
        }

        environment.Ports.Add(
            new SwitchPort("e", "t", "n", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), new MemorySink()));
        environment.BindAll();
        return (environment, b);
    }
}
