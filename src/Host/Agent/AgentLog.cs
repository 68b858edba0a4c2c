namespace VioActors.Daemon.Agent;

/// <summary>What the agent has to tell its operator; each message has a stable event id.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(4001, LogLevel.Information, "Connected to server {Server} (build {Build}).")]
    public static partial void Connected(this ILogger log, string server, string build);

    [LoggerMessage(4002, LogLevel.Warning, "No connection to server {Server}: {Why}. Trying again.")]
    public static partial void Lost(this ILogger log, string server, string why);

    [LoggerMessage(4003, LogLevel.Information, "{Command} of node {Node} (run {Run}) for {By}: {Result}")]
    public static partial void Did(this ILogger log, string command, string node, long run, string by, string result);

    [LoggerMessage(4004, LogLevel.Warning, "A move connection from {Peer} was refused: {Why}")]
    public static partial void MoveRefused(this ILogger log, string peer, string why);

    [LoggerMessage(4005, LogLevel.Information, "The certificate was renewed; it ends at {End:u}.")]
    public static partial void Renewed(this ILogger log, DateTimeOffset end);

    [LoggerMessage(4006, LogLevel.Warning, "The certificate could not be renewed: {Why}. Trying again.")]
    public static partial void NotRenewed(this ILogger log, string why);

    [LoggerMessage(4007, LogLevel.Information, "The switch runs as process {Pid} ({How}).")]
    public static partial void SwitchRuns(this ILogger log, int pid, string how);

    [LoggerMessage(4008, LogLevel.Warning, "The switch is not as wanted: {Why}")]
    public static partial void SwitchTrouble(this ILogger log, string why);

    [LoggerMessage(4009, LogLevel.Warning, "Node {Node} stopped by itself ({Why}).")]
    public static partial void NodeStopped(this ILogger log, string node, string why);

    [LoggerMessage(
        4010, LogLevel.Information, "Agent of host {Name} ({Host}), hypervisor {Hypervisor}, machines under {Domain}.")]
    public static partial void Started(this ILogger log, string name, string host, string hypervisor, string domain);

    [LoggerMessage(4011, LogLevel.Information, "The switch's wanted state {Version} for {By}: {Result}")]
    public static partial void SwitchAsked(this ILogger log, long version, string by, string result);

    [LoggerMessage(4012, LogLevel.Warning, "Not everything can be measured: {Why} Trying again.")]
    public static partial void NotMeasured(this ILogger log, string why);
}
