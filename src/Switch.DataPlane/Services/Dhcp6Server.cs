using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// DHCPv6 from the table (RFC 8415): each node has one address for ever. The first association that a client names gets
/// it; others and prefixes are told that there is none.
/// </summary>
internal static class Dhcp6Server
{
    private const int MaxAssociations = 4;
    private const int MaxOldAddresses = 4;

    private enum Code
    {
        Success = 0,
        NoAddress = 2,
        NotOnLink = 4,
        NoPrefix = 6,
    }

    /// <summary>What a message gets; <see cref="Dhcp6Type.None"/> when nothing.</summary>
    public static Dhcp6Type Decide(in Dhcp6Request ask, ServicePlan plan)
    {
        bool hasClient = ask.ClientId.Length > 0, hasServer = ask.ServerId.Length > 0;
        bool isOurs = hasServer && IsOurs(ask.ServerId, plan);
        return ask.Type switch
        {
            Dhcp6Type.Solicit when hasClient && !hasServer =>
                ask.HasRapidCommit ? Dhcp6Type.Reply : Dhcp6Type.Advertise,
            Dhcp6Type.Confirm or Dhcp6Type.Rebind when hasClient && !hasServer => Dhcp6Type.Reply,
            Dhcp6Type.Request or Dhcp6Type.Renew or Dhcp6Type.Release or Dhcp6Type.Decline when hasClient && isOurs =>
                Dhcp6Type.Reply,
            Dhcp6Type.InformationRequest when !hasServer || isOurs => Dhcp6Type.Reply,
            _ => Dhcp6Type.None,
        };
    }

    /// <summary>Writes the answer; returns its length, 0 when there is nothing to say after all.</summary>
    /// <param name="buffer">For at least 1232 bytes; what does not fit is left out.</param>
    /// <param name="type">From <see cref="Decide"/>, not <see cref="Dhcp6Type.None"/>.</param>
    /// <param name="ask">The message.</param>
    /// <param name="plan">What nodes are told.</param>
    /// <param name="ip">The node's address; none when it has none.</param>
    public static int Write(Span<byte> buffer, Dhcp6Type type, in Dhcp6Request ask, ServicePlan plan, Ipv6 ip)
    {
        var reply = new ReplyWriter(buffer);
        reply.Byte((byte)type);
        reply.Bytes(ask.Head[1..]);
        if (ask.ClientId.Length > 0)
            Option(ref reply, Dhcp6Option.ClientId, ask.ClientId);
        Span<byte> self = stackalloc byte[DuidBytes];
        WriteDuid(self, plan);
        Option(ref reply, Dhcp6Option.ServerId, self);
        switch (ask.Type)
        {
            case Dhcp6Type.Confirm:
                if (IsOnLink(ask, plan) is not { } onLink)
                    return 0;
                Status(ref reply, onLink ? Code.Success : Code.NotOnLink);
                return reply.Length;
            case Dhcp6Type.Release or Dhcp6Type.Decline:
                Status(ref reply, Code.Success);
                return reply.Length;
            case Dhcp6Type.InformationRequest:
                break;
            default:
                if (type == Dhcp6Type.Advertise)
                    Option(ref reply, Dhcp6Option.Preference, [255]);
                else if (ask.Type == Dhcp6Type.Solicit)
                    Option(ref reply, Dhcp6Option.RapidCommit, []);
                Associations(ref reply, ask, plan, ip);
                break;
        }

        Settings(ref reply, plan);
        return reply.Length;
    }

    private static void Associations(ref ReplyWriter reply, in Dhcp6Request ask, ServicePlan plan, Ipv6 ip)
    {
        ReadOnlySpan<byte> rest = ask.Options;
        bool given = false;
        for (int count = 0; count < MaxAssociations && Dhcp6Request.TryTake(
            ref rest, out int code, out ReadOnlySpan<byte> value);)
        {
            if (code is not (Dhcp6Option.Addresses or Dhcp6Option.Prefixes))
                continue;
            count++;
            bool gets = code == Dhcp6Option.Addresses && !given && ip.IsSet;
            given |= gets;
            uint lease = gets ? (uint)plan.LeaseSeconds : 0;
            reply.UInt16(code);
            reply.UInt16(0);
            int start = reply.Length;
            reply.Bytes(value[..4]);
            reply.UInt32(lease / 2);
            reply.UInt32(lease / 8 * 7);
            if (gets)
            {
                Address(ref reply, ip, lease);
                OldAddresses(ref reply, value[12..], ip);
            }
            else
            {
                Status(ref reply, code == Dhcp6Option.Addresses ? Code.NoAddress : Code.NoPrefix);
            }

            reply.SetLength16(start);
        }
    }

    // What the client has and should not have is told to be over.
    private static void OldAddresses(ref ReplyWriter reply, scoped ReadOnlySpan<byte> options, Ipv6 ip)
    {
        for (int count = 0; count < MaxOldAddresses && Dhcp6Request.TryTake(
            ref options, out int code, out ReadOnlySpan<byte> value);)
        {
            if (code != Dhcp6Option.Address || Ipv6.Read(value) == ip)
                continue;
            count++;
            Address(ref reply, Ipv6.Read(value), 0);
        }
    }

    private static void Settings(ref ReplyWriter reply, ServicePlan plan)
    {
        Span<byte> address = stackalloc byte[Ipv6.Bytes];
        plan.Ip6.Write(address);
        Option(ref reply, Dhcp6Option.DnsServers, address);
        reply.UInt16(Dhcp6Option.DomainList);
        reply.UInt16(0);
        int start = reply.Length;
        reply.Name(plan.Domain);
        reply.SetLength16(start);
        if (plan.BootUrl6.Length == 0)
            return;
        reply.UInt16(Dhcp6Option.BootUrl);
        reply.UInt16(plan.BootUrl6.Length);
        reply.Text(plan.BootUrl6);
    }

    private static bool? IsOnLink(in Dhcp6Request ask, ServicePlan plan)
    {
        bool? onLink = null;
        ReadOnlySpan<byte> rest = ask.Options;
        while (Dhcp6Request.TryTake(ref rest, out int code, out ReadOnlySpan<byte> association))
        {
            if (code != Dhcp6Option.Addresses)
                continue;
            ReadOnlySpan<byte> inner = association[12..];
            while (Dhcp6Request.TryTake(ref inner, out code, out ReadOnlySpan<byte> value))
            {
                if (code == Dhcp6Option.Address)
                    onLink = onLink != false && Ipv6.Read(value).HasPrefixOf(plan.Ip6);
            }
        }

        return onLink;
    }

    private static void Address(ref ReplyWriter reply, Ipv6 ip, uint seconds)
    {
        reply.UInt16(Dhcp6Option.Address);
        reply.UInt16(24);
        reply.Ip(ip);
        reply.UInt32(seconds);
        reply.UInt32(seconds);
    }

    private static void Status(ref ReplyWriter reply, Code code)
    {
        reply.UInt16(Dhcp6Option.Status);
        reply.UInt16(2);
        reply.UInt16((int)code);
    }

    private static void Option(ref ReplyWriter reply, int code, scoped ReadOnlySpan<byte> value)
    {
        reply.UInt16(code);
        reply.UInt16(value.Length);
        reply.Bytes(value);
    }

    /// <summary>Link-layer type, Ethernet, MAC (RFC 8415, 11.4): the same on all hosts.</summary>
    public const int DuidBytes = 10;

    public static void WriteDuid(Span<byte> duid, ServicePlan plan)
    {
        BinaryPrimitives.WriteUInt32BigEndian(duid, 3 << 16 | 1);
        plan.Mac.Write(duid[4..]);
    }

    private static bool IsOurs(ReadOnlySpan<byte> duid, ServicePlan plan)
    {
        Span<byte> self = stackalloc byte[DuidBytes];
        WriteDuid(self, plan);
        return duid.SequenceEqual(self);
    }
}
