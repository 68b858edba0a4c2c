namespace VioActors.Switch.DataPlane;

/// <summary>Checked <see cref="WantedServices"/>.</summary>
internal sealed record ServicePlan(MacAddress Mac, Ipv4 Ip, int PrefixLength, string Domain)
{
    /// <summary>Longest domain, in characters.</summary>
    public const int MaxDomainChars = 100;

    /// <summary>None without DHCPv6.</summary>
    public Ipv6 Ip6 { get; init; }

    public Ipv4 Gateway { get; init; }
    public Ipv6 Gateway6 { get; init; }
    public int LeaseSeconds { get; init; }
    public int Mtu { get; init; }
    public Ipv4 BootServer { get; init; }
    public string BootFile { get; init; } = "";
    public string BootUrl6 { get; init; } = "";

    /// <summary>Whence advertisements come and where clients of DHCPv6 get their answers from.</summary>
    public Ipv6 LinkLocal { get; } = Ipv6.LinkLocalOf(Mac);

    public Ipv4 Netmask => new(uint.MaxValue << (32 - PrefixLength));

    public bool IsInSubnet(Ipv4 ip) => ((ip.Value ^ Ip.Value) & Netmask.Value) == 0;

    /// <summary>Whether router advertisements speak for somebody: the way out, or the services.</summary>
    public bool IsRouter(MacEntry entry) => entry.Mac == Mac || entry.Ip6.IsSet && entry.Ip6 == Gateway6;

    /// <summary>Whether a node is the way out and an address is outside, so that it may pass such packets on.</summary>
    public bool BringsIn(Ipv4 node, Ipv4 source) =>
        node == Gateway && !IsInSubnet(source) && source.Value >> 24 is > 0 and < 224 and not 127;

    /// <inheritdoc cref="BringsIn(Ipv4, Ipv4)"/>
    public bool BringsIn(Ipv6 node, Ipv6 source) =>
        node.IsSet && node == Gateway6 && source.IsForNodes && !source.HasPrefixOf(Ip6);

    /// <summary>Parses what is wanted; null and why when it cannot be.</summary>
    public static ServicePlan? Of(WantedServices wanted, out string problem)
    {
        problem = "";
        string[] parts = wanted.Ip.Split('/');
        WantedNetboot boot = wanted.Netboot ?? new WantedNetboot(null, null);
        Ipv4 ip = default, gateway = default, server = default;
        Ipv6 ip6 = default, gateway6 = default;
        if (!MacAddress.TryParse(wanted.Mac, out MacAddress mac) || mac.IsGroup || mac.Value == 0)
            problem = $"'{wanted.Mac}' must be a unicast MAC";
        else if (parts.Length != 2 || !Ipv4.TryParse(parts[0], out ip) || ip.Value == 0
            || !int.TryParse(parts[1], out int prefix) || prefix is < 8 or > 30)
            problem = $"'{wanted.Ip}' must be an IPv4 address with a prefix length of 8 to 30";
        else if (!IsNone(wanted.Ip6) && !(Ipv6.TryParse(wanted.Ip6, out ip6) && ip6.IsForNodes)
            || !IsNone(wanted.Gateway6) && !(Ipv6.TryParse(wanted.Gateway6, out gateway6) && gateway6.IsForNodes))
            problem = $"'{wanted.Ip6}' and '{wanted.Gateway6}' must be IPv6 unicast addresses, not link-local";
        else if (!IsNone(wanted.Gateway) && !Ipv4.TryParse(wanted.Gateway, out gateway)
            || !IsNone(boot.Server) && !Ipv4.TryParse(boot.Server, out server))
            problem = $"'{wanted.Gateway}' and '{boot.Server}' must be IPv4 addresses";
        else if (wanted.Domain.Length is 0 or > MaxDomainChars || !wanted.Domain.Split('.').All(IsLabel))
            problem = $"'{wanted.Domain}' must be labels of a-z, 0-9 and -, at most {MaxDomainChars} characters";
        else if (wanted.LeaseSeconds is < 60 or > 604_800 || wanted.Mtu is < 1280 or > 65_535)
            problem = "a lease lasts 60 to 604800 seconds, and the MTU is 1280 to 65535";
        else if (!IsText(boot.File, 127) || !IsText(boot.Url6, 255))
            problem = "a boot file has 1 to 127 and a boot URL 1 to 255 printable characters";
        else
            return new ServicePlan(mac, ip, prefix, wanted.Domain)
            {
                Ip6 = ip6,
                Gateway = gateway,
                Gateway6 = gateway6,
                LeaseSeconds = wanted.LeaseSeconds,
                Mtu = wanted.Mtu,
                BootServer = server,
                BootFile = boot.File ?? "",
                BootUrl6 = boot.Url6 ?? "",
            };
        return null;
    }

    /// <summary>
    /// Whether a text can be one label of a name: 1 to 63 of a-z, 0-9 and -, which is not the first.
    /// </summary>
    public static bool IsLabel(string text) =>
        text.Length is >= 1 and <= 63 && text[0] != '-'
        && text.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-');

    private static bool IsNone(string? text) => text is null;

    private static bool IsText(string? text, int most) =>
        text is null || text.Length >= 1 && text.Length <= most && text.All(c => c is > ' ' and <= '~');
}
