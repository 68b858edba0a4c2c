namespace VioActors.Contracts;

/// <summary>What the network of an environment does beside carrying frames. Fixed for the environment's life.</summary>
public sealed record NetworkOptions
{
    /// <summary>
    /// Name of the node that is the way out: DHCP and router advertisements name it, and it may send from addresses
    /// outside of the environment. Null: there is no way out.
    /// </summary>
    public string? Gateway { get; init; }

    /// <summary>Name of the node that serves boot files by TFTP; null tells none.</summary>
    public string? BootServer { get; init; }

    /// <summary>Boot file or URL that DHCP tells, 1 to 127 printable characters; null tells none.</summary>
    public string? BootFile { get; init; }

    /// <summary>Boot URL that DHCPv6 tells, 1 to 255 printable characters; null tells none.</summary>
    public string? BootUrl { get; init; }

    /// <summary>
    /// What happens to an address that is in two places: <c>report</c> says so in the switch's status,
    /// <c>quarantine</c> also lets nothing pass from and to the node. Null is <c>report</c>.
    /// </summary>
    public string? Duplicates { get; init; }
}
