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
internal sealed record SwitchdConfig(
    HostId Host, SiteId Site, string SiteCa, string Listen, string ControlSocket,
    bool UnsafeNoIsolation = false, bool KeepBridgeFilter = false)
{
    /// <summary>Whether this process is part of a lab, which marks all its processes.</summary>
    public static bool InLab => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LabPlan.Marker));

    /// <summary>Reads the file.</summary>
    /// <exception cref="StartupException">It cannot be read, or something in it is wrong.</exception>
    public static SwitchDaemonOptions Load(string path)
    {
        const string remedy = "The agent writes this file; start the agent instead.";
        try
        {
            var config = JsonSerializer.Deserialize<SwitchdConfig>(File.ReadAllText(path), Wire.Json)
                ?? throw new JsonException("the file holds null");
            var options = new SwitchDaemonOptions
            {
                HostId = config.Host.Value,
                SiteId = config.Site.Value,
                SiteCaPem = config.SiteCa,
                Listen = IPEndPoint.Parse(config.Listen),
                ControlSocketPath = config.ControlSocket,
                UnsafeNoIsolation = config.UnsafeNoIsolation,
                DisableBridgeFilter = !config.KeepBridgeFilter,
                Lab = InLab,
            };
            return options.Validate() is { Count: > 0 } errors
                ? throw new StartupException($"{path}: {string.Join(" ", errors)}", remedy) : options;
        }
        catch (Exception bad)
            when (bad is JsonException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartupException($"The configuration {path} cannot be read: {bad.Message}", remedy, bad);
        }
    }

    /// <summary>Writes the file as a whole.</summary>
    public void Save(string path)
    {
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this, Wire.Json));
        File.Move(path + ".new", path, overwrite: true);
    }
}
