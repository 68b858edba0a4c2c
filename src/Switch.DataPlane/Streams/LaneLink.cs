namespace VioActors.Switch.DataPlane;

/// <summary>How a lane sends: by UDP, or into a connection where the address is one.</summary>
internal sealed class LaneLink(UdpBatch udp, StreamHub streams) : IDatagramLink
{
    /// <inheritdoc/>
    public long Failed => udp.Failed + streams.Dropped;

    /// <inheritdoc/>
    public long Runs => udp.Runs;

    /// <inheritdoc/>
    public int Streams => streams.Open;

    public void Send(ReadOnlySpan<byte> datagram, SocketAddress to, byte trafficClass)
    {
        if (to.Stream is { } stream)
            streams.Send(stream, datagram);
        else
            udp.Send(datagram, to, trafficClass);
    }

    public void SendWhole(ReadOnlySpan<byte> datagram, SocketAddress to)
    {
        if (to.Stream is { } stream)
            streams.Send(stream, datagram);
        else
            udp.SendWhole(datagram, to);
    }

    public SocketAddress AddressOf(ReadOnlySpan<byte> from) =>
        SocketAddress.StreamIdOf(from) == 0 ? SocketAddress.From(from) : streams.Find(from)!;

    public SocketAddress? StreamTo(string host, System.Net.IPEndPoint endPoint, long nowMs) =>
        streams.To(host, endPoint, nowMs);
}
