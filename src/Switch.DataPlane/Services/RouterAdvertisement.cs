namespace VioActors.Switch.DataPlane;

/// <summary>
/// The answer to a router solicitation (RFC 4861, 4.2): addresses come by DHCPv6, the prefix is on this link, and there
/// is no way out unless the environment has one. Then the gateway is what the advertisement speaks for.
/// </summary>
internal static class RouterAdvertisement
{
    private const byte Managed = 0x80;
    private const byte Other = 0x40;
    private const byte OnLink = 0x80;
    private const int RouterSeconds = 9000;
    private const uint Forever = uint.MaxValue;

    /// <summary>Writes the ICMPv6 message without its checksum; returns its length.</summary>
    /// <param name="buffer">For at least 400 bytes.</param>
    /// <param name="plan">What nodes are told.</param>
    /// <param name="sender">MAC of the gateway, or of the services when there is none.</param>
    /// <param name="isGateway">Whether the sender is a way out.</param>
    public static int Write(Span<byte> buffer, ServicePlan plan, MacAddress sender, bool isGateway)
    {
        var reply = new ReplyWriter(buffer);
        reply.Bytes([NeighborMessage.RouterAdvertisement, 0, 0, 0, 64, Managed | Other]);
        reply.UInt16(isGateway ? RouterSeconds : 0);
        reply.Zeros(8);
        reply.Bytes([1, 1]);
        reply.Mac(sender);
        reply.Bytes([5, 1, 0, 0]);
        reply.UInt32((uint)plan.Mtu);
        reply.Bytes([3, 4, 64, OnLink]);
        reply.UInt32(Forever);
        reply.UInt32(Forever);
        reply.UInt32(0);
        reply.Ip(new Ipv6(plan.Ip6.High, 0));

        // DNS servers and search list (RFC 8106).
        reply.Bytes([25, 3, 0, 0]);
        reply.UInt32(Forever);
        reply.Ip(plan.Ip6);
        int bytes = 8 + plan.Domain.Length + 2, padded = (bytes + 7) / 8 * 8;
        reply.Bytes([31, (byte)(padded / 8), 0, 0]);
        reply.UInt32(Forever);
        reply.Name(plan.Domain);
        reply.Zeros(padded - bytes);
        return reply.Length;
    }
}
