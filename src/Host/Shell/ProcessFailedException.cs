namespace VioActors.Daemon.Shell;

/// <summary>A program could not be started, ended with a failure, or did not end in time.</summary>
internal sealed class ProcessFailedException : Exception
{
    /// <summary>Describes a program that ran and failed.</summary>
    public ProcessFailedException(ProcessCommand command, int exitCode, string error)
        : base($"'{command}' ended with {exitCode}: {(error.Length == 0 ? "it said nothing" : error.Trim())}")
    {
        Command = command;
        ExitCode = exitCode;
        StandardError = error;
    }

    /// <summary>Describes a program that never gave an exit code.</summary>
    public ProcessFailedException(ProcessCommand command, string reason, Exception? inner = null)
        : base($"'{command}' {reason}", inner)
    {
        Command = command;
        StandardError = "";
    }

    /// <summary>What was run.</summary>
    public ProcessCommand Command { get; }

    /// <summary>The exit code, or null when there is none.</summary>
    public int? ExitCode { get; }

    /// <summary>What the program wrote to standard error, cut at the runner's limit.</summary>
    public string StandardError { get; }
}
