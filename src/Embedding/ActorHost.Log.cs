using Microsoft.Extensions.Logging;

namespace VioActors.Embedding;

internal static partial class ActorHostLog
{
    [LoggerMessage(1, LogLevel.Information, "Actors serve: {Owned} of {Count} shards.")]
    public static partial void Started(this ILogger log, int owned, int count);

    [LoggerMessage(2, LogLevel.Information, "Actors stopped.")]
    public static partial void Stopped(this ILogger log);
}
