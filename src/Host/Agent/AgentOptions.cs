using System.Text.Json.Serialization;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Agent;

/// <summary>What an agent is told by its configuration file; see <c>config/agent.json</c>.</summary>
internal sealed record AgentOptions
{
    /// <summary>Name of the host in its site: 1 to 40 of a-z, 0-9 and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute directory of all state; equal on all hosts of a site.</summary>
    public string DataDirectory { get; init; } = "/var/lib/vio";

    /// <summary>
    /// Absolute directory of sockets, at most 60 octets because socket paths end at 107; equal on all hosts between
    /// which nodes move.
    /// </summary>
    public string RunDirectory { get; init; } = "/run/vio";

    /// <summary><c>qemu</c> or <c>sim</c>.</summary>
    public string Hypervisor { get; init; } = "qemu";

    /// <summary>The hypervisor's daemon on this host.</summary>
    public string LibvirtUri { get; init; } = "qemu+unix:///system?socket=/run/libvirt/libvirt-sock";

    /// <summary>
    /// How nodes reach the switch: <c>joint</c>, <c>stream</c> or <c>vhost-user</c>. Change it while none runs here.
    /// </summary>
    public string NodePorts { get; init; } = PortXml.Joint;

    /// <summary>The user that QEMU runs as; not used by an agent that is not root, whose QEMU runs as itself.</summary>
    public string QemuUser { get; init; } = "libvirt-qemu";

    /// <summary>Memory that nodes may use, MiB, 64 or more.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>Cores that nodes may use, 1 or more.</summary>
    public required int Cores { get; init; }

    /// <summary>Disk that nodes may use, MiB.</summary>
    public long DiskMiB { get; init; } = 20480;

    /// <summary><c>ip:port</c> (UDP) of this host's switch, as other hosts reach it.</summary>
    public required string SwitchListen { get; init; }

    /// <summary>
    /// Further <c>ip:port</c> (UDP) at which other hosts may reach this host's switch, e.g. one that a router forwards;
    /// at most 6. None are needed behind NAT as long as some host of the environment can be reached.
    /// </summary>
    public IReadOnlyList<string> SwitchEndpoints { get; init; } = [];

    /// <summary>
    /// <c>ip:port</c> (TCP) where this host's switch takes connections of hosts whose UDP does not pass; null takes
    /// none. A port below 1024 needs <c>net.ipv4.ip_unprivileged_port_start</c>.
    /// </summary>
    public string? SwitchTcpListen { get; init; }

    /// <summary><c>ip:port</c> (TCP) for moves that come in, as other hosts reach it.</summary>
    public required string MoveListen { get; init; }

    /// <summary>Who the switch process runs as.</summary>
    public SwitchdUser Switchd { get; init; } = new(990, 990);

    /// <summary>Machine type of new nodes.</summary>
    public string MachineType { get; init; } = "pc-q35-7.2";

    /// <summary>CPU model of new nodes.</summary>
    public string CpuModel { get; init; } = "qemu64";

    /// <summary><c>auto</c>, <c>tcg</c> or <c>kvm</c>.</summary>
    public string Accelerator { get; init; } = "auto";

    /// <summary>
    /// Length of a sample of host and nodes, seconds, 1 to 60. A longer one saves frames between agent and servers; the
    /// agent looks every second all the same and keeps means and peaks.
    /// </summary>
    public int SampleSeconds { get; init; } = 1;

    /// <summary>Key, certificate and what the site said at the join.</summary>
    [JsonIgnore]
    public string IdentityDirectory => Path.Combine(DataDirectory, "identity");

    /// <summary>Files of images, named by their content.</summary>
    [JsonIgnore]
    public string ImageDirectory => Path.Combine(DataDirectory, "images");

    /// <summary>One directory per node: disk and serial log.</summary>
    [JsonIgnore]
    public string NodeDirectory => Path.Combine(DataDirectory, "nodes");

    /// <summary>The run ledger.</summary>
    [JsonIgnore]
    public string RunLedgerDirectory => Path.Combine(DataDirectory, "runs");

    /// <summary>One directory of sockets per running move.</summary>
    [JsonIgnore]
    public string MoveDirectory => Path.Combine(RunDirectory, "move");

    /// <summary>The switch's own directory, with its control socket.</summary>
    [JsonIgnore]
    public string SwitchDirectory => Path.Combine(RunDirectory, "switchd");

    /// <summary>Where machines listen whose ports are sockets.</summary>
    /// <remarks>Not below the switch's own directory: what root makes there could be led elsewhere by it.</remarks>
    [JsonIgnore]
    public string PortSockets => Path.Combine(RunDirectory, "ports");

    /// <summary>How nodes of this host reach the switch.</summary>
    [JsonIgnore]
    public PortXml Port => new(NodePorts, PortSockets);

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="StartupException">
    /// It cannot be read, or something in it is wrong; all errors at once.
    /// </exception>
    public static AgentOptions Load(string path) => ConfigFile.Load<AgentOptions>(
        path, AgentOptionsCheck.Errors, "Correct the file; config/agent.json shows every option.");
}

/// <summary>A user that needs no account.</summary>
/// <param name="Uid">User id, not 0.</param>
/// <param name="Gid">Group id, not 0.</param>
/// <param name="UnsafeNoIsolation">
/// Lets frames cross environments, so that a lab can show that its counters would see it. Refused outside of labs.
/// </param>
/// <param name="KeepBridgeFilter">
/// True leaves net.bridge.bridge-nf-call-* of the host alone. False (default) switches them off, because they are a
/// setting of the whole host and send nodes' frames through its FORWARD chain.
/// </param>
/// <param name="CopyDscp">
/// True shows the DSCP that nodes chose to the network between the hosts; false (default) keeps it in their frames.
/// </param>
/// <param name="Lanes">
/// Threads of the switch, 1 to 8, each with a UDP port of its own: switchListen's and those after it. Null (default) is
/// half of the processors, at most 4.
/// </param>
internal sealed record SwitchdUser(
    int Uid, int Gid, bool UnsafeNoIsolation = false, bool KeepBridgeFilter = false, bool CopyDscp = false,
    int? Lanes = null);
