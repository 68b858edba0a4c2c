namespace VioActors.Daemon.Server.Restore;

/// <summary>What is logged about older copies of the store. Event ids 2210 to 2219.</summary>
internal static partial class RestoreLog
{
    [LoggerMessage(2210, LogLevel.Error, "{Why}")]
    public static partial void StoreIsBehind(this ILogger log, string why);

    [LoggerMessage(2211, LogLevel.Information, "The store has all that was seen; this server serves")]
    public static partial void StoreIsCurrent(this ILogger log);

    [LoggerMessage(2212, LogLevel.Warning,
        "{By} adopted the store: generation {Generation} begins at position {Position}")]
    public static partial void StoreAdopted(this ILogger log, string by, long generation, long position);

    [LoggerMessage(2213, LogLevel.Warning,
        "Host {HostName} shows a mark of the store that no server of this site made")]
    public static partial void MarkForged(this ILogger log, string hostName);
}
