namespace VioActors.Daemon.Api;

/// <summary>What the API and the fabric log. Event ids 2000 to 2099.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(2000, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger log, Exception error, string method, string path);

    [LoggerMessage(2001, LogLevel.Warning, "Denied on the {Door} listener: {Why}")]
    public static partial void Denied(this ILogger log, Door door, string why);

    [LoggerMessage(2002, LogLevel.Information, "Host {HostName} ({Host}) joined the site")]
    public static partial void HostJoined(this ILogger log, string hostName, string host);

    [LoggerMessage(2003, LogLevel.Warning, "A join was denied: {Why}")]
    public static partial void JoinDenied(this ILogger log, string why);

    [LoggerMessage(2004, LogLevel.Information, "The certificate of host {Host} was renewed until {Until}")]
    public static partial void LeafRenewed(this ILogger log, string host, DateTimeOffset until);

    [LoggerMessage(2005, LogLevel.Information, "Image file {Sha256} stored, {Bytes} octets")]
    public static partial void BlobStored(this ILogger log, string sha256, long bytes);
}
