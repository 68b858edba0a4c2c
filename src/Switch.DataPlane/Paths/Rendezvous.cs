using System.Buffers.Binary;
using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Two hosts behind NAT learn each other's outer address from a host that both reach: one asks, both are told at the
/// same time, both send, and each one's datagram opens its own NAT for the other's (hole punching, RFC 5128).
/// WhereIs: kind 1, reserved 1, tag 8. SeenAt: the same and an address, 18.
/// </summary>
internal sealed class Rendezvous(SwitchCore core)
{
    public const int AskBytes = 10;
    public const int TellBytes = AskBytes + PathMessages.AddressBytes;

    /// <summary>Asks the relay in use for a peer.</summary>
    public void Ask(PeerTunnel peer)
    {
        if (peer.Path.Via is { Current: { } session } relay && session.Understands(TunnelCapabilities.Relay))
        {
            Write(MessageKind.WhereIs, peer.Tag);
            core.Sender.SendText(relay, session, AskBytes);
        }
    }

    /// <summary>A peer asks for another.</summary>
    public void OnAsked(PeerTunnel asker, ReadOnlySpan<byte> text)
    {
        if (!TryRead(text, MessageKind.WhereIs, AskBytes, out ulong tag) || !asker.TryAsk(core.NowMs))
        {
            asker.Counters.Add(TunnelCount.DropBadMessage);
            return;
        }

        if (asker.Environment.PeerOf(tag) is { CanPassOn: true } other && asker.CanPassOn
            && !ReferenceEquals(other, asker))
        {
            Tell(asker, other);
            Tell(other, asker);
        }
    }

    /// <summary>A peer tells where it sees another.</summary>
    public void OnTold(PeerTunnel teller, ReadOnlySpan<byte> text)
    {
        if (!TryRead(text, MessageKind.SeenAt, TellBytes, out ulong tag)
            || PathMessages.ReadAddress(text[AskBytes..]) is not { } endPoint)
        {
            teller.Counters.Add(TunnelCount.DropBadMessage);
            return;
        }

        foreach (SwitchEnvironment environment in core.Environments.Values)
        {
            // A relay of hosts without a common environment may tell about all, another only about its own.
            bool mayTell = ReferenceEquals(environment, teller.Environment)
                || teller.Environment.Id == SwitchEnvironment.Relays;
            if (mayTell && environment.PeerOf(tag) is { NextHop: null } peer)
                core.Paths.TryNow(peer, endPoint);
        }
    }

    private void Tell(PeerTunnel whom, PeerTunnel about)
    {
        if (whom.Current is not { } session || !session.Understands(TunnelCapabilities.Relay))
            return;
        Write(MessageKind.SeenAt, about.Tag);
        PathMessages.WriteAddress(core.Sender.Text[AskBytes..], about.Path.Direct.Bytes);
        core.Sender.SendText(whom, session, TellBytes);
    }

    private void Write(byte kind, ulong tag)
    {
        Span<byte> text = core.Sender.Text;
        (text[0], text[1]) = (kind, 0);
        BinaryPrimitives.WriteUInt64BigEndian(text[2..], tag);
    }

    private static bool TryRead(ReadOnlySpan<byte> text, byte kind, int length, out ulong tag)
    {
        bool whole = text.Length == length && text[0] == kind && text[1] == 0;
        tag = whole ? BinaryPrimitives.ReadUInt64BigEndian(text[2..]) : 0;
        return whole;
    }
}
