using System.Net;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// A router with NAT before one host: one outer port for all destinations, and in comes only what answers to something
/// that went out to the same address and port (RFC 4787: endpoint-independent mapping, the strictest filtering).
/// </summary>
internal sealed class MemoryNat(IPEndPoint inside, IPEndPoint outside)
{
    private readonly HashSet<IPEndPoint> _open = [];

    public IPEndPoint Outside { get; private set; } = outside;

    /// <summary>What a restart of the router does.</summary>
    public void MoveTo(IPEndPoint endPoint)
    {
        Outside = endPoint;
        _open.Clear();
    }

    /// <summary>What the routers before some hosts make of a datagram; null when one drops it.</summary>
    public static Datagram? Pass(Datagram datagram, params MemoryNat[] routers)
    {
        foreach (MemoryNat router in routers)
            datagram = router.Out(datagram);
        Datagram? arrived = datagram;
        foreach (MemoryNat router in routers)
            arrived = arrived is null ? null : router.In(arrived);
        return arrived;
    }

    private Datagram Out(Datagram datagram)
    {
        if (!datagram.From.Equals(inside))
            return datagram;
        _open.Add(datagram.To);
        return datagram with { From = Outside };
    }

    private Datagram? In(Datagram datagram)
    {
        if (datagram.To.Equals(Outside))
            return _open.Contains(datagram.From) ? datagram with { To = inside } : null;
        return datagram.To.Equals(inside) ? null : datagram;
    }
}
