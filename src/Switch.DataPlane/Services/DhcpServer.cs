using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// DHCP from the table (RFC 2131): each node has one address for ever, so nothing is remembered between two messages
/// and every host gives the same answers.
/// </summary>
internal static class DhcpServer
{
    private const int MaxMessageBytes = 548;
    private const int MaxClientIdBytes = 64;
    private const int FileBytes = 128;

    /// <summary>What a message gets; <see cref="DhcpType.None"/> when nothing.</summary>
    /// <param name="ask">The message.</param>
    /// <param name="server">Our address.</param>
    /// <param name="ip">The node's address.</param>
    public static DhcpType Decide(in DhcpRequest ask, Ipv4 server, Ipv4 ip)
    {
        bool isForOther = ask.Server.Value != 0 && ask.Server != server;
        return ask.Type switch
        {
            DhcpType.Discover => DhcpType.Offer,
            DhcpType.Request when isForOther => DhcpType.None,

            // Selecting and rebooting clients name the address in an option, renewing and rebinding ones have it.
            DhcpType.Request =>
                (ask.ClientIp.Value != 0 ? ask.ClientIp : ask.Requested) == ip ? DhcpType.Ack : DhcpType.Nak,
            DhcpType.Inform when ask.ClientIp == ip => DhcpType.Ack,
            _ => DhcpType.None,
        };
    }

    /// <summary>Writes the answer; returns its length.</summary>
    /// <param name="buffer">For at least 548 bytes.</param>
    /// <param name="type">From <see cref="Decide"/>, not <see cref="DhcpType.None"/>.</param>
    /// <param name="ask">The message.</param>
    /// <param name="plan">What nodes are told.</param>
    /// <param name="ip">The node's address.</param>
    /// <param name="name">The node's name; null when it has none.</param>
    public static int Write(
        Span<byte> buffer, DhcpType type, in DhcpRequest ask, ServicePlan plan, Ipv4 ip, string? name)
    {
        bool isInform = ask.Type == DhcpType.Inform, isNak = type == DhcpType.Nak;
        Span<byte> head = buffer[..DhcpRequest.FixedBytes];
        head.Clear();
        (head[0], head[1], head[2]) = (2, 1, 6);
        ask.Message[4..8].CopyTo(head[4..]);
        ask.Message[10..12].CopyTo(head[10..]);
        ask.Message[28..44].CopyTo(head[28..]);
        if (type == DhcpType.Ack)
            ask.ClientIp.Write(head[12..]);
        if (!isNak && !isInform)
            ip.Write(head[16..]);
        BinaryPrimitives.WriteUInt32BigEndian(head[236..], DhcpRequest.Cookie);

        var options = new ReplyWriter(buffer[DhcpRequest.FixedBytes..MaxMessageBytes]);
        options.Bytes([53, 1, (byte)type]);
        Number(ref options, 54, plan.Ip.Value);
        if (ask.ClientId.Length is > 0 and <= MaxClientIdBytes)
        {
            options.Bytes([61, (byte)ask.ClientId.Length]);
            options.Bytes(ask.ClientId);
        }

        if (!isNak)
        {
            if (!isInform)
            {
                uint lease = (uint)plan.LeaseSeconds;
                Number(ref options, 51, lease);
                Number(ref options, 58, lease / 2);
                Number(ref options, 59, lease / 8 * 7);
            }

            Settings(ref options, plan, ip, name);
            Netboot(ref options, head, plan);
        }

        options.Byte(255);
        return DhcpRequest.FixedBytes + options.Length;
    }

    private static void Settings(ref ReplyWriter options, ServicePlan plan, Ipv4 ip, string? name)
    {
        Number(ref options, 1, plan.Netmask.Value);
        Number(ref options, 28, plan.Ip.Value | ~plan.Netmask.Value);
        Number(ref options, 6, plan.Ip.Value);
        if (plan.Gateway.Value != 0 && plan.Gateway != ip)
            Number(ref options, 3, plan.Gateway.Value);
        options.Bytes([26, 2, (byte)(plan.Mtu >> 8), (byte)plan.Mtu]);
        Text(ref options, 15, plan.Domain);
        if (name is not null)
            Text(ref options, 12, name);
    }

    // Firmware reads the fixed fields, others the options; the file has its place and the end mark of the options too.
    private static void Netboot(ref ReplyWriter options, Span<byte> head, ServicePlan plan)
    {
        if (plan.BootServer.Value != 0)
        {
            plan.BootServer.Write(head[20..]);
            Text(ref options, 66, plan.BootServer.ToString());
        }

        if (plan.BootFile.Length == 0)
            return;
        var file = new ReplyWriter(head.Slice(108, FileBytes - 1));
        file.Text(plan.BootFile);
        int before = options.Length;
        Text(ref options, 67, plan.BootFile);
        options.Zeros(1);
        options.Truncate(options.Overflows ? before : options.Length - 1);
    }

    private static void Number(ref ReplyWriter options, byte code, uint value)
    {
        options.Bytes([code, 4]);
        options.UInt32(value);
    }

    private static void Text(ref ReplyWriter options, byte code, string text)
    {
        options.Bytes([code, (byte)text.Length]);
        options.Text(text);
    }
}
