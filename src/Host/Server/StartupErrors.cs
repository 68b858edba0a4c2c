using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using VioActors.Daemon.Api;
using VioActors.Runtime;

namespace VioActors.Daemon.Server;

/// <summary>The one line for each way a server can fail to start: what, and what to do.</summary>
internal static class StartupErrors
{
    private const int NoSpace = 28; // ENOSPC
    private const int ReadOnly = 30; // EROFS

    /// <summary>The line; null for a bug, which keeps its stack trace.</summary>
    public static string? Explain(Exception error, ServerOptions options) => error switch
    {
        StartupException or StoreInUseException or StoreUnavailableException => error.Message,
        ProblemException problem => $"{problem.Problem.Reason} {problem.Problem.Remedy}",
        IOException { InnerException: AddressInUseException } =>
            $"{error.Message} Stop what listens there, or choose another port in apiListen or fabricListen.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            $"This machine lacks address {options.FabricListen} or {options.ApiListen}. Correct the configuration.",
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            $"The ports {options.FabricListen} and {options.ApiListen} may not be opened. Choose ports above 1023.",
        IOException full when (full.HResult & 0xFFFF) == NoSpace =>
            $"The disk of {options.DataDirectory} is full. Free some space and start again.",
        IOException fixedly when (fixedly.HResult & 0xFFFF) == ReadOnly =>
            $"The file system of {options.DataDirectory} is read-only. "
            + "Mount it writable, or choose another dataDirectory.",
        IOException or UnauthorizedAccessException =>
            $"{error.Message} Check that {options.DataDirectory} exists and belongs to the user of this process.",
        CryptographicException =>
            $"The site's key or certificate in {options.DataDirectory} is damaged: {error.Message} "
            + "Restore both from a backup.",
        _ => null,
    };
}
