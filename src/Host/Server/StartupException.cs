namespace VioActors.Daemon.Server;

/// <summary>The server cannot start, or cannot go on: one line for the operator, with the next step.</summary>
internal sealed class StartupException(string reason, string remedy, Exception? inner = null)
    : Exception($"{reason} {remedy}", inner)
{
    /// <summary>What happened.</summary>
    public string Reason { get; } = reason;

    /// <summary>What would help.</summary>
    public string Remedy { get; } = remedy;

    /// <summary>Whether the command line or the file it names is wrong, and not the machine.</summary>
    public bool IsWrongUsage { get; init; }

    /// <summary>The exit code of a process that ends with it.</summary>
    public int ExitCode => IsWrongUsage ? Cli.ExitCode.WrongUsage : Cli.ExitCode.Failed;
}
