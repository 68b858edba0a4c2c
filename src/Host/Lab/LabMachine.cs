namespace VioActors.Daemon.Lab;

/// <summary>
/// One machine of a lab: a set of namespaces (net, mount, UTS, cgroup) in which its directories stand at the usual
/// paths. Properties that end in Directory or Path are as seen from outside; the comment gives the path inside.
/// </summary>
internal sealed record LabMachine
{
    /// <summary>Short name inside the lab: server, h1, h2 ...</summary>
    public required string Name { get; init; }

    /// <summary>Name of its network namespace, its host name and its cgroup.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its IPv4 address on the lab's LAN (a /24).</summary>
    public required string Address { get; init; }

    /// <summary>Everything the machine keeps.</summary>
    public required string Root { get; init; }

    /// <summary>The cores its processes run on.</summary>
    public required IReadOnlyList<int> Cores { get; init; }

    /// <summary>The host UUID its libvirtd reports.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>Whether it runs guests.</summary>
    public bool HasLibvirt { get; init; }

    /// <summary>Inside: /run/vio (sockets; on a host also move/ID/ with the streams of a move).</summary>
    public string RunDirectory => Path.Combine(Root, "run");

    /// <summary>Inside: /var/lib/vio (state; on a host also images, disks, log).</summary>
    public string StateDirectory => Path.Combine(Root, "lib");

    /// <summary>Inside: /etc/vio (configuration files and keys).</summary>
    public string ConfigDirectory => Path.Combine(Root, "etc");

    /// <summary>Inside: /run/libvirt/libvirt-sock.</summary>
    public string LibvirtSocketPath => Path.Combine(Root, "libvirt-run", "libvirt-sock");

    /// <summary>The URI by which a process outside of the namespaces reaches this machine's libvirtd.</summary>
    public string LibvirtUri => $"qemu+unix:///system?socket={LibvirtSocketPath}";

    /// <summary>Source (outside) and target (inside) of every private directory, in mounting order.</summary>
    public IReadOnlyList<(string Source, string Target)> Binds =>
    [
        (RunDirectory, "/run/vio"),
        (StateDirectory, "/var/lib/vio"),
        (ConfigDirectory, "/etc/vio"),
        .. HasLibvirt ? LibvirtBinds : [],
    ];

    private IEnumerable<(string Source, string Target)> LibvirtBinds =>
    [
        (Path.Combine(Root, "libvirt-etc"), "/etc/libvirt"),
        (Path.Combine(Root, "libvirt-run"), "/run/libvirt"),
        (Path.Combine(Root, "libvirt-lib"), "/var/lib/libvirt"),
        (Path.Combine(Root, "libvirt-cache"), "/var/cache/libvirt"),
        (Path.Combine(Root, "libvirt-log"), "/var/log/libvirt"),
    ];
}
