using System.Net;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Server;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Switching;

/// <summary>What a switchd is told by the file its agent writes; holds no secret.</summary>
/// <param name="Host">The host.</param>
/// <param name="Site">The site.</param>
/// <param name="SiteCa">Its root certificate, PEM.</param>
/// <param name="Listen"><c>ip:port</c> (UDP).</param>
/// <param name="ControlSocket">Where the agent asks.</param>
/// <param name="UnsafeNoIsolation">Lets frames cross environments; only in a lab.</param>
/// <param name="KeepBridgeFilter">Leaves net.bridge.bridge-nf-call-* of the host as they are.</param>
/// <param name="CopyDscp">Shows nodes' DSCP to the network between the hosts.</param>
/// <param name="PortSockets">Directory of the sockets on which machines listen; null refuses such ports.</param>
/// <param name="TcpListen"><c>ip:port</c> (TCP) for hosts whose UDP does not pass; null takes none.</param>
/// <param name="Lanes">Threads that carry frames, 1 to 8, at ports that follow that of Listen; null: as fits the
/// processors.</param>
internal sealed record SwitchdConfig(
    HostId Host, SiteId Site, string SiteCa, string Listen, string ControlSocket,
    bool UnsafeNoIsolation = false, bool KeepBridgeFilter = false, bool CopyDscp = false,
    string? PortSockets = null, string? TcpListen = null, int? Lanes = null)
{
    /// <summary>Whether this process is part of a lab, which marks all its processes.</summary>
    public static bool InLab => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LabPlan.Marker));

    /// <summary>Reads the file.</summary>
    /// <exception cref="StartupException">It cannot be read, or something in it is wrong.</exception>
    public static SwitchDaemonOptions Load(string path) => ConfigFile.Load<SwitchdConfig>(
        path, config => config.Options().Validate(), "The agent writes this file; start the agent instead.").Options();

    /// <summary>Writes the file as a whole.</summary>
    public void Save(string path)
    {
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this, Wire.Json));
        File.Move(path + ".new", path, overwrite: true);
    }

    private SwitchDaemonOptions Options() => new()
    {
        HostId = Host.Value,
        SiteId = Site.Value,
        SiteCaPem = SiteCa,
        Listen = IPEndPoint.Parse(Listen),
        TcpListen = TcpListen is null ? null : IPEndPoint.Parse(TcpListen),
        ControlSocketPath = ControlSocket,
        UnsafeNoIsolation = UnsafeNoIsolation,
        DisableBridgeFilter = !KeepBridgeFilter,
        CopyDscp = CopyDscp,
        PortSocketDirectory = PortSockets,
        Lanes = Lanes,
        Lab = InLab,
    };
}
