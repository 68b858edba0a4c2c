using System.Net;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// A router with NAT before one host: one outer port for all destinations, and in comes only what answers to something
/// that went out to the same address and port (RFC 4787: endpoint-independent mapping, the strictest filtering).
/// </summary>
/// <param name="inside">The host's address.</param>
/// <param name="outside">The outer one.</param>
/// <param name="time">Clock.</param>
internal sealed class MemoryNat(IPEndPoint inside, IPEndPoint outside, TimeProvider time)
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);
    private readonly HashSet<IPEndPoint> _open = [];
    private readonly Dictionary<IPEndPoint, DateTimeOffset> _taken = [];

    public IPEndPoint Outside { get; private set; } = outside;

    /// <summary>
    /// Whether it takes strangers' datagrams for its own, as Linux without a filter does: then it answers them from the
    /// outer port, and the host gets another one towards that stranger until neither has sent for 30 s.
    /// </summary>
    public bool TakesStrangers { get; set; }

    /// <summary>What a restart of the router does.</summary>
    public void MoveTo(IPEndPoint endPoint)
    {
        Outside = endPoint;
        _open.Clear();
        _taken.Clear();
    }

    /// <summary>What the routers before some hosts make of a datagram that is sent.</summary>
    public static Datagram Leave(Datagram datagram, params MemoryNat[] routers)
    {
        foreach (MemoryNat router in routers)
            datagram = router.Out(datagram);
        return datagram;
    }

    /// <summary>The same of one that arrives; null when one drops it.</summary>
    public static Datagram? Arrive(Datagram datagram, params MemoryNat[] routers)
    {
        Datagram? arrived = datagram;
        foreach (MemoryNat router in routers)
            arrived = arrived is null ? null : router.In(arrived);
        return arrived;
    }

    private Datagram Out(Datagram datagram)
    {
        if (!datagram.From.Equals(inside))
            return datagram;
        if (_taken.TryGetValue(datagram.To, out DateTimeOffset last) && time.GetUtcNow() - last < Memory)
            return datagram with { From = new IPEndPoint(Outside.Address, Outside.Port + 1) };
        _open.Add(datagram.To);
        return datagram with { From = Outside };
    }

    private Datagram? In(Datagram datagram)
    {
        if (datagram.To.Equals(Outside) && _open.Contains(datagram.From))
            return datagram with { To = inside };
        if (datagram.To.Equals(Outside) && TakesStrangers)
            _taken[datagram.From] = time.GetUtcNow();
        return datagram.To.Address.Equals(Outside.Address) || datagram.To.Equals(inside) ? null : datagram;
    }
}
