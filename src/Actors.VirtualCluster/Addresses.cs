using VioActors.Contracts;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.VirtualCluster;

/// <summary>Gives nodes the addresses their owner wrote, or the next free ones from the bottom of the subnet.</summary>
internal sealed class Addresses
{
    private readonly HashSet<uint> _taken;
    private readonly SubnetPlan _plan;

    public Addresses(string subnet, IEnumerable<string> present, IEnumerable<NodeSpec> wanted)
    {
        _plan = SubnetPlan.Read(subnet, out var problem)
            ?? throw new InvalidOperationException($"{subnet} {problem}, and the site checks subnets.");
        _taken = [.. present.Concat(wanted.Where(node => node.Ip is not null).Select(node => node.Ip!)).Select(Number)];
    }

    public string Ip(NodeSpec node)
    {
        if (node.Ip is not null) return node.Ip;
        for (var next = _plan.FirstNode; next <= _plan.LastNode; next++)
            if (_taken.Add(next))
                return Ipv4.Format(next);
        throw new InvalidOperationException(
            $"No address is left for node {node.Name}; the site checks the size of subnets.");
    }

    /// <summary>A locally administered unicast address (the 02 range) from the node's id.</summary>
    public string Mac(NodeId id, NodeSpec node)
    {
        return node.Mac is not null ? node.Mac.ToLowerInvariant() : MacOf(id);
    }

    /// <summary>That address.</summary>
    public static string MacOf(NodeId id)
    {
        var bytes = id.Uuid.ToByteArray(bigEndian: true);
        return $"02:{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}";
    }

    private static uint Number(string ip) =>
        Ipv4.TryParse(ip, out var number) ? number : throw new FormatException($"'{ip}' is not an IPv4 address.");
}
