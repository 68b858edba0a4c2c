using System.Text.Json;

namespace VioActors.Daemon.Agent.Switching;

/// <summary>Looks into this host's switch: captures and dropped frames. Thread-safe.</summary>
internal interface ISwitchSight
{
    /// <summary>The switch's answer to a message of its control protocol that looks and changes nothing.</summary>
    /// <exception cref="Actors.Switch.DataPlaneException">It refused, is away, or the message is
    /// another one.</exception>
    Task<JsonElement> LookAsync(JsonElement request, CancellationToken cancel);
}
