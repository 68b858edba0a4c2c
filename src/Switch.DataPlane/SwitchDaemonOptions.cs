using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>How one switchd is set up. Everything else comes over its control socket.</summary>
public sealed record SwitchDaemonOptions
{
    /// <summary>This host's id, as in its certificate and in the controller's member lists.</summary>
    public required string HostId { get; init; }

    /// <summary>The site of this host; peers must have certificates of the same site.</summary>
    public required string SiteId { get; init; }

    /// <summary>The site's CA: one or more certificates in PEM.</summary>
    public required string SiteCaPem { get; init; }

    /// <summary>
    /// Address and UDP port of the tunnel's first lane. Port 0 takes a free one (see <see
    /// cref="SwitchDaemon.Port"/>).
    /// </summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>
    /// Lanes, 1 to 8: threads that each have a UDP socket (at the port of <see cref="Listen"/> and those after it),
    /// keys, and a queue of each TAP. Null (default) is <see cref="LanesFor"/> this machine, or 1 where
    /// those ports are taken.
    /// </summary>
    public int? Lanes { get; init; }

    /// <summary>
    /// Address and port for TLS connections of hosts whose datagrams do not pass; null (default) takes none. Port 443
    /// passes most networks, but one below 1024 needs a right that switchd usually has not. Calling others needs no
    /// setting.
    /// </summary>
    public IPEndPoint? TcpListen { get; init; }

    /// <summary>Path of the control socket, made with mode 0600; at most 100 bytes. Its directory must exist.</summary>
    public required string ControlSocketPath { get; init; }

    /// <summary>
    /// Directory with the sockets on which machines listen, for ports of kind stream and vhost-user; null (default)
    /// refuses such ports. Who may write there decides which machine gets which port: it belongs to the agent.
    /// </summary>
    public string? PortSocketDirectory { get; init; }

    /// <summary>
    /// Largest MTU of a network between the hosts in bytes, 1280 to 9216; default 1500. What each path carries is
    /// measured, up to this. It does not limit the nodes' MTU.
    /// </summary>
    public int UnderlayMtu { get; init; } = 1500;

    /// <summary>
    /// Most that is passed on (ciphertext, between two other hosts) for one host in one environment, Mbit/s; 0 to
    /// 100,000, default 10,000. 0 passes on nothing.
    /// </summary>
    public int RelayMegabitsPerSecond { get; init; } = 10_000;

    /// <summary>
    /// Age at which a session gets new keys; default 2 minutes, at least 1 second. Three times as old it is dropped.
    /// </summary>
    public TimeSpan RekeyAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Network namespace to work in, e.g. <c>/run/netns/a</c>; null (default) is the namespace of the process.
    /// </summary>
    public string? NetworkNamespacePath { get; init; }

    /// <summary>
    /// True (default) switches bridge-nf-call-* off for the whole namespace, so that nodes' frames do not run through
    /// the host's IP filters; the kernel has no setting that excepts one bridge (a bridge's own nf_call_* only adds
    /// to it). False leaves them to you: a filter with a dropping FORWARD chain then stops the nodes' traffic.
    /// </summary>
    public bool DisableBridgeFilter { get; init; } = true;

    /// <summary>
    /// True copies the DSCP that a node chose to the datagrams that carry its frames, for a network that honours it;
    /// false (default) leaves it in the frame only, because then a node cannot claim a class of this network.
    /// Congestion marks (ECN) are always carried both ways.
    /// </summary>
    public bool CopyDscp { get; init; }

    /// <summary>
    /// Control run only: switches the check of environments off, so that a test which counts crossing frames is seen to
    /// count some. Refused unless <see cref="Lab"/> is set too.
    /// </summary>
    public bool UnsafeNoIsolation { get; init; }

    /// <summary>Says that this host is part of a lab and serves nobody.</summary>
    public bool Lab { get; init; }

    /// <summary>A good number of lanes: half of the processors, at most 4; the nodes need some, too.</summary>
    /// <param name="processors">Of the machine.</param>
    public static int LanesFor(int processors) => Math.Clamp(processors / 2, 1, 4);

    /// <summary>All that is wrong, in words; empty when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (HostId.Length is 0 or > Limits.MaxIdChars || SiteId.Length is 0 or > Limits.MaxIdChars)
            errors.Add($"HostId and SiteId must have 1 to {Limits.MaxIdChars} characters.");
        if (HostId.AsSpan().ContainsAny('\n', '\r') || SiteId.AsSpan().ContainsAny('\n', '\r'))
            errors.Add("HostId and SiteId must be one line.");
        if (UnderlayMtu is < Limits.MinUnderlayMtu or > Limits.MaxUnderlayMtu)
            errors.Add($"UnderlayMtu is {UnderlayMtu}; it must be {Limits.MinUnderlayMtu} to {Limits.MaxUnderlayMtu}.");
        if (Lanes is < 1 or > Limits.MaxLanes)
            errors.Add($"Lanes is {Lanes}; it must be 1 to {Limits.MaxLanes}.");
        if (Lanes is { } lanes && Listen.Port + lanes - 1 > IPEndPoint.MaxPort)
            errors.Add($"Listen has port {Listen.Port}, and the ports of {lanes} lanes must follow it.");
        if (RelayMegabitsPerSecond is < 0 or > 100_000)
            errors.Add($"RelayMegabitsPerSecond is {RelayMegabitsPerSecond}; it must be 0 to 100000.");
        if (RekeyAfter < TimeSpan.FromSeconds(1) || RekeyAfter > TimeSpan.FromDays(1))
            errors.Add("RekeyAfter must be 1 second to 1 day.");
        if (System.Text.Encoding.UTF8.GetByteCount(ControlSocketPath) is 0 or > 100)
            errors.Add("ControlSocketPath must have 1 to 100 bytes.");
        if (PortSocketDirectory is not null && !Path.IsPathFullyQualified(PortSocketDirectory))
            errors.Add("PortSocketDirectory must be an absolute path.");
        if (UnsafeNoIsolation && !Lab)
            errors.Add("UnsafeNoIsolation lets frames cross environments and is only accepted together with Lab.");
        return errors;
    }
}
