namespace VioActors.Daemon.Server;

/// <summary>The server cannot start, or cannot go on: one line for the operator, with the next step.</summary>
internal sealed class StartupException(string reason, string remedy, Exception? inner = null)
    : Exception($"{reason} {remedy}", inner)
{
    /// <summary>What happened.</summary>
    public string Reason { get; } = reason;

    /// <summary>What would help.</summary>
    public string Remedy { get; } = remedy;
}
