using System.Net;
using System.Buffers.Binary;
using VioActors.Contracts;

namespace VioActors.Actors.VirtualCluster;

/// <summary>Gives nodes the addresses their owner wrote, or the next free ones from the bottom of the subnet.</summary>
internal sealed class Addresses
{
    private readonly HashSet<uint> _taken;
    private readonly uint _first;
    private readonly uint _last;

    public Addresses(string subnet, IEnumerable<string> present, IEnumerable<NodeSpec> wanted)
    {
        var network = IPNetwork.Parse(subnet);
        _first = Number(network.BaseAddress) + 1;
        _last = Number(network.BaseAddress) + (uint)((1L << (32 - network.PrefixLength)) - 2);
        _taken = [.. present.Concat(wanted.Where(node => node.Ip is not null).Select(node => node.Ip!)).Select(Number)];
    }

    public string Ip(NodeSpec node)
    {
        if (node.Ip is not null) return node.Ip;
        for (var next = _first; next <= _last; next++)
            if (_taken.Add(next))
                return Text(next);
        throw new InvalidOperationException($"No address is left for node {node.Name}; the site checks the size of subnets.");
    }

    /// <summary>A locally administered unicast address (the 02 range) from the node's id.</summary>
    public string Mac(NodeId id, NodeSpec node)
    {
        if (node.Mac is not null) return node.Mac.ToLowerInvariant();
        var bytes = id.Uuid.ToByteArray(bigEndian: true);
        return $"02:{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}";
    }

    private static uint Number(string ip) => Number(IPAddress.Parse(ip));

    private static uint Number(IPAddress ip) => BinaryPrimitives.ReadUInt32BigEndian(ip.GetAddressBytes());

    private static string Text(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes).ToString();
    }
}
