using System.Collections.Immutable;

namespace VioActors.Contracts;

/// <summary>What a user wants: an environment as written in a spec file.</summary>
public sealed record EnvironmentSpec
{
    /// <summary>Unique per owner: 1 to 40 of a-z, 0-9 and <c>-</c>, starting with a letter.</summary>
    public required string Name { get; init; }

    /// <summary>IPv4 subnet of its private Ethernet, for example <c>10.10.0.0/24</c>; prefix 16 to 28.</summary>
    public required string Subnet { get; init; }

    /// <summary>Seconds in which every node must answer ARP and ICMP after its start; 5 to 3600.</summary>
    public int ReadyTimeoutSeconds { get; init; } = 120;

    /// <summary>What its network does beside carrying frames; null is all defaults.</summary>
    public NetworkOptions? Network { get; init; }

    /// <summary>Its nodes, 1 to 256, with unique names.</summary>
    public ImmutableArray<NodeSpec> Nodes { get; init; } = [];

    /// <summary>Limits of its nodes and between pairs of them, at most 256; each node and each pair once.</summary>
    public ImmutableArray<LimitSpec> Limits { get; init; } = [];
}

/// <summary>
/// Most that two nodes may send each other, in each direction, wherever they run; broadcasts are not counted. Or, with
/// <see cref="Node"/>, most that one node may send, and most that it gets, whatever and from whomever.
/// </summary>
/// <param name="Between">The names of two nodes of the environment; none with <see cref="Node"/>.</param>
/// <param name="RateKbit">Of Ethernet frames, kbit/s: 64 to 100,000,000.</param>
public sealed record LimitSpec(ImmutableArray<string> Between, int RateKbit)
{
    /// <summary>The name of one node; null for a pair.</summary>
    public string? Node { get; init; }

    /// <summary>The limit of one node.</summary>
    public static LimitSpec Of(string node, int rateKbit) => new([], rateKbit) { Node = node };
}

/// <summary>One node of an environment as its owner wants it.</summary>
public sealed record NodeSpec
{
    /// <summary>Unique in its environment: 1 to 40 of a-z, 0-9 and <c>-</c>, starting with a letter.</summary>
    public required string Name { get; init; }

    /// <summary>Name of an image of the site.</summary>
    public required string Image { get; init; }

    /// <summary>Memory in MiB, 64 to 1,048,576. Also the most the balloon can give back to the guest.</summary>
    public int MemoryMiB { get; init; } = 256;

    /// <summary>Virtual CPUs, 1 to 256.</summary>
    public int Vcpus { get; init; } = 1;

    /// <summary>Share of a busy host against other nodes, 1 to 10000; 100 is normal.</summary>
    public int CpuWeight { get; init; } = 100;

    /// <summary>Hard CPU limit in percent of one core, 5 to 100 times <see cref="Vcpus"/>; null is no limit.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>IPv4 address inside the subnet; null takes the next free one.</summary>
    public string? Ip { get; init; }

    /// <summary>Unicast MAC address, <c>52:54:00:12:34:56</c>; null derives one.</summary>
    public string? Mac { get; init; }

    /// <summary>Name of the host it must run on at creation; null lets the site spread.</summary>
    public string? Host { get; init; }

    /// <summary>
    /// Nodes with the same mark never share a host, wherever they are placed or moved; null is no wish. A mark is
    /// written as a name.
    /// </summary>
    public string? Apart { get; init; }

    /// <summary>Nodes with the same mark share a host, wherever they are placed or moved; null is no wish.</summary>
    public string? Together { get; init; }

    /// <summary>Words added to the guest's kernel command line; at most 1,000 printable characters.</summary>
    public string? KernelArguments { get; init; }
}
