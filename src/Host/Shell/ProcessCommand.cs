namespace VioActors.Daemon.Shell;

/// <summary>One program to run: a file name and an argument array, never a shell line.</summary>
/// <param name="FileName">The program, looked up in PATH when it has no slash.</param>
/// <param name="Arguments">Arguments, each passed on untouched.</param>
internal sealed record ProcessCommand(string FileName, params IReadOnlyList<string> Arguments)
{
    /// <summary>Time after which the program and its children are killed. Default 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Text for standard input; it is closed afterwards. Never secret: it may appear in a core dump.</summary>
    public string Input { get; init; } = "";

    /// <summary>Where the program starts; null keeps the caller's directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables added to the inherited environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The command as a person would type it, for messages only.</summary>
    public override string ToString() => string.Join(' ', Arguments.Prepend(FileName));
}

/// <summary>What a finished program left behind.</summary>
/// <param name="ExitCode">The exit code; 128 + n after signal n.</param>
/// <param name="Output">Standard output, at most <see cref="ProcessRunner.OutputLimit"/> characters.</param>
/// <param name="Error">Standard error, with the same limit.</param>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);
