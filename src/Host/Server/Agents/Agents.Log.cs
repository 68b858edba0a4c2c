namespace VioActors.Daemon.Server.Agents;

/// <summary>What the connections to agents log. Event ids 2100 to 2199.</summary>
internal static partial class AgentsLog
{
    [LoggerMessage(2100, LogLevel.Information, "Agent of host {HostName} ({Host}) connected, build {Build}")]
    public static partial void AgentConnected(this ILogger log, string hostName, string host, string build);

    [LoggerMessage(2101, LogLevel.Information, "Agent of host {HostName} disconnected: {Why}")]
    public static partial void AgentDisconnected(this ILogger log, string hostName, string why);

    [LoggerMessage(2102, LogLevel.Warning, "Agent of host {HostName} was refused: {Why}")]
    public static partial void AgentRefused(this ILogger log, string hostName, string why);

    [LoggerMessage(2103, LogLevel.Warning, "The connection of host {HostName} broke: {Why}")]
    public static partial void AgentBroke(this ILogger log, string hostName, string why);

    [LoggerMessage(2104, LogLevel.Error, "The actor of host {Host} refused {News}: {Why}")]
    public static partial void NewsRefused(this ILogger log, string host, string news, string why);

    [LoggerMessage(2106, LogLevel.Warning, "The members of the site cannot be read yet: {Why}")]
    public static partial void MembersUnread(this ILogger log, string why);

    [LoggerMessage(2105, LogLevel.Warning, "The actor of host {Host} could not be told {News} yet: {Why}")]
    public static partial void NewsLate(this ILogger log, string host, string news, string why);
}
