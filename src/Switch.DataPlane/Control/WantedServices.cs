namespace VioActors.Switch.DataPlane;

/// <summary>
/// What the switch answers the nodes of an environment itself, from the table: DHCP, router solicitations and DNS.
/// Every host answers its own nodes from one and the same address, so a lease survives a move.
/// </summary>
public sealed record WantedServices
{
    /// <summary>MAC of the service address; the same on all hosts, and no node's.</summary>
    public required string Mac { get; init; }

    /// <summary>The service address with the prefix length of the subnet, e.g. <c>10.1.255.3/16</c>.</summary>
    public required string Ip { get; init; }

    /// <summary>Its IPv6 address, in the 64-bit prefix of the nodes; null without DHCPv6.</summary>
    public string? Ip6 { get; init; }

    /// <summary>
    /// Name under which nodes are found as <c>name.domain</c>: labels of a-z, 0-9 and -, at most 100 characters.
    /// </summary>
    public required string Domain { get; init; }

    /// <summary>
    /// IPv4 address of the node that is the way out, and may therefore send from addresses outside of the subnet; null
    /// when there is none.
    /// </summary>
    public string? Gateway { get; init; }

    /// <summary>Its IPv6 address; null when there is no way out over IPv6.</summary>
    public string? Gateway6 { get; init; }

    /// <summary>How long a lease lasts, 60 to 604,800 seconds; default an hour.</summary>
    public int LeaseSeconds { get; init; } = 3600;

    /// <summary>MTU that nodes are told, 1280 to 65535 bytes; default 1500.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Whence nodes without a disk boot; null when none does.</summary>
    public WantedNetboot? Netboot { get; init; }
}

/// <summary>What a node without a disk loads.</summary>
/// <param name="Server">IPv4 address of the TFTP server; null for a file that is a URL.</param>
/// <param name="File">Path or URL that DHCP tells, 1 to 127 printable characters; null to tell none.</param>
/// <param name="Url6">URL that DHCPv6 tells (RFC 5970), 1 to 255 printable characters; null to tell none.</param>
public sealed record WantedNetboot(string? Server, string? File, string? Url6 = null);
