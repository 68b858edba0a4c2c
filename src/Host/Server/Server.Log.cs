namespace VioActors.Daemon.Server;

/// <summary>What the process as a whole logs. Event ids 2200 to 2299.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(2200, LogLevel.Information, "Site {Name} ({Site}) serves: API socket {Socket}, API {Api}, fabric {Fabric}")]
    public static partial void Serving(this ILogger log, string name, string site, string socket, string api, string fabric);
}
