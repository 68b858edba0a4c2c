using System.Net;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>Ends a command with a code, and says what, why and what next.</summary>
internal abstract class CliException(Problem problem, int exitCode, Exception? inner = null)
    : Exception($"{problem.Reason} {problem.Remedy}".TrimEnd(), inner)
{
    /// <summary>What, why, and the next step.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>See <see cref="ExitCode"/>.</summary>
    public int Code { get; } = exitCode;
}

/// <summary>The command line, a file it names, or an environment variable is wrong.</summary>
internal sealed class UsageException(string reason, string remedy)
    : CliException(new Problem("wrong-usage", reason, remedy), ExitCode.WrongUsage);

/// <summary>The server answered with a problem.</summary>
internal sealed class RefusedException(HttpStatusCode status, Problem problem) : CliException(problem, ExitCode.Failed)
{
    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; } = status;
}

/// <summary>No answer came from the server.</summary>
internal sealed class NotReachableException(ServerAddress address, Exception inner)
    : CliException(
        new Problem(
            "server-not-reachable", $"The server at {address} does not answer: {Why(address, inner)}.",
            "Is it running? Name it with --server or VIO_SERVER; 'vio lab status' lists labs on this machine."),
        ExitCode.NotReachable, inner)
{
    // The runtime's own words for a missing socket speak of addresses.
    private static string Why(ServerAddress address, Exception inner) =>
        address.SocketPath is { } path && !File.Exists(path)
            ? "there is no such socket"
            : inner.GetBaseException().Message.TrimEnd('.');
}

/// <summary>What <c>vio</c> exits with.</summary>
internal static class ExitCode
{
    /// <summary>What was asked is done.</summary>
    public const int Done = 0;

    /// <summary>Refused, failed or cancelled; the reason and the remedy are on standard error.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a file it names is wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>The server does not answer.</summary>
    public const int NotReachable = 3;
}
