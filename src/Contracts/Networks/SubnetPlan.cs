namespace VioActors.Contracts.Networks;

/// <summary>
/// How an environment's subnet is divided: nodes from the bottom, probers (one per host that takes part) at the top,
/// the service address between them.
/// Site, environment and network follow this one rule.
/// </summary>
/// <param name="Network">The network address.</param>
/// <param name="PrefixLength">16 to 28.</param>
public sealed record SubnetPlan(uint Network, int PrefixLength)
{
    /// <summary>First five bytes of every prober's MAC: locally administered, unicast; nodes may not use it.</summary>
    public const string ProberMacPrefix = "0a:56:49:4f:00:";

    private const uint MostProbers = 16;

    /// <summary>All addresses, network and broadcast included.</summary>
    public uint Size => 1u << (32 - PrefixLength);

    /// <summary>The last address, which no node may have.</summary>
    public uint Broadcast => Network + Size - 1;

    /// <summary>MAC of the service address, the same in every environment.</summary>
    public const string ServiceMac = ProberMacPrefix + "ff";

    /// <summary>
    /// Addresses kept for probers and, the lowest of them, for services: 16, and 4 or 8 in /28 and /27.
    /// </summary>
    public int ProberCount => (int)Math.Min(MostProbers, Size / 4);

    /// <summary>The most hosts an environment can span: each has a prober.</summary>
    public int HostCount => ProberCount - 1;

    /// <summary>Where every host's switch answers its nodes: DHCP and DNS.</summary>
    public string ServiceIp => ProberIp(HostCount);

    /// <summary>Lowest address a node may have.</summary>
    public uint FirstNode => Network + 1;

    /// <summary>Highest address a node may have.</summary>
    public uint LastNode => Broadcast - 1 - (uint)ProberCount;

    /// <summary>How many nodes fit.</summary>
    public int NodeCount => (int)(LastNode - FirstNode + 1);

    /// <summary>Whether a node may have this address.</summary>
    public bool IsForNodes(uint address) => address >= FirstNode && address <= LastNode;

    /// <summary>Whether the address is in the subnet at all.</summary>
    public bool Contains(uint address) => address >= Network && address <= Broadcast;

    /// <summary>Address of a prober; 0 is the highest.</summary>
    public string ProberIp(int index) => Ipv4.Format(Broadcast - 1 - (uint)index);

    /// <summary>MAC of a prober.</summary>
    public static string ProberMac(int index) => $"{ProberMacPrefix}{index:x2}";

    /// <summary>Reads CIDR text.</summary>
    /// <param name="text">For example <c>10.10.0.0/24</c>.</param>
    /// <param name="problem">When null is returned: what is wrong and what would be right.</param>
    public static SubnetPlan? Read(string? text, out string problem)
    {
        problem = "";
        var parts = (text ?? "").Split('/');
        if (parts.Length != 2 || !Ipv4.TryParse(parts[0], out var network)
            || parts[1].Length is 0 or > 2 || !int.TryParse(parts[1], out var prefix))
            problem = "is not an IPv4 subnet such as 10.10.0.0/24";
        else if (prefix is < 16 or > 28)
            problem = "has a prefix outside 16 to 28";
        else if (network >> 24 is 0 or 127 or >= 224)
            problem = "is not for unicast: the first number must be 1 to 223 and not 127";
        else if ((network & ((1u << (32 - prefix)) - 1)) is var rest && rest != 0)
            problem = $"has bits beyond its prefix: write {Ipv4.Format(network - rest)}/{prefix}";
        else
            return new SubnetPlan(network, prefix);
        return null;
    }

    /// <summary>CIDR text.</summary>
    public override string ToString() => $"{Ipv4.Format(Network)}/{PrefixLength}";
}
