using System.Globalization;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Everything a command takes from the process it runs in. Tests run the real entry point with their own.
/// </summary>
internal sealed record CliHost
{
    /// <summary>Results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Messages and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input.</summary>
    public required TextReader In { get; init; }

    /// <summary>Reads an environment variable; null when it is not set or empty.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The user's home, for <c>.config/vio</c>.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>API sockets of the labs that run on this machine.</summary>
    public required Func<IReadOnlyList<string>> LabSockets { get; init; }

    /// <summary>Whether results go to a terminal, and how wide it is; null when they do not.</summary>
    public int? OutWidth { get; init; }

    /// <summary>
    /// Whether messages go to a terminal, so that progress may redraw itself, and how wide it is; null when they do
    /// not.
    /// </summary>
    public int? ErrorWidth { get; init; }

    /// <summary>The next key that was pressed, null for none; null when there is no keyboard.</summary>
    public Func<ConsoleKey?>? Key { get; init; }

    /// <summary>Clock of waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Ctrl-C, counted.</summary>
    public required Interrupts Interrupts { get; init; }

    /// <summary>The process as it is.</summary>
    public static CliHost OfProcess()
    {
        Console.SetOut(new TerminalWriter(Console.Out));
        Console.SetError(new TerminalWriter(Console.Error));
        return new CliHost
        {
            Out = Console.Out,
            Error = Console.Error,
            In = Console.In,
            Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
            HomeDirectory = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            LabSockets = RunningLabs.Sockets,
            OutWidth = Console.IsOutputRedirected ? null : WidthOfTerminal(),
            ErrorWidth = Console.IsErrorRedirected ? null : WidthOfTerminal(),
            Key = Console.IsInputRedirected
                ? null : () => Console.KeyAvailable ? Console.ReadKey(intercept: true).Key : null,
            Interrupts = Interrupts.OfProcess(),
        };
    }

    private static int WidthOfTerminal()
    {
        const int narrowest = 40;
        if (int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), CultureInfo.InvariantCulture, out var asked)
            && asked >= narrowest) return asked;
        try
        {
            return Math.Max(Console.WindowWidth, narrowest);
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
