using System.Text.Json;
using VioActors.Contracts;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Finds the server: <c>--server</c>, then VIO_SERVER, then <c>~/.config/vio/client.json</c>, then the socket of the
/// only
/// running lab, then <see cref="SystemSocket"/>. The token comes from VIO_TOKEN or that file, never from an argument.
/// </summary>
internal static class ServerLocator
{
    /// <summary>The socket of an installed server.</summary>
    public const string SystemSocket = "/run/vio/api.sock";

    private const int LargestFile = 64 * 1024;

    /// <summary>Finds it; <paramref name="option"/> is the value of <c>--server</c>.</summary>
    /// <exception cref="UsageException">An address or the client file is malformed, or several labs run.</exception>
    public static ServerAddress Find(string? option, CliHost host)
    {
        var token = host.Variable("VIO_TOKEN");
        var ca = host.Variable("VIO_CA_SHA256");
        if (option is not null) return ServerAddress.Parse(option, token, ca, "--server");
        if (host.Variable("VIO_SERVER") is { } named) return ServerAddress.Parse(named, token, ca, "VIO_SERVER");
        var path = Path.Combine(host.HomeDirectory, ".config", "vio", "client.json");
        if (File.Exists(path) && Read(path) is { Server: { } server } file)
            return ServerAddress.Parse(server, token ?? file.Token, ca ?? file.CaSha256, path);
        var labs = host.LabSockets();
        return labs.Count switch
        {
            0 => ServerAddress.Parse(SystemSocket, token, ca, "the default"),
            1 => ServerAddress.Parse(labs[0], token, ca, "the running lab"),
            _ => throw new UsageException(
                $"{labs.Count} labs run, so the server is not clear.",
                $"Name one with --server: {string.Join(", ", labs.Select(socket => "unix:" + socket))}."),
        };
    }

    private static ClientFile Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > LargestFile)
                throw new UsageException(
                    $"'{path}' is larger than {LargestFile} bytes.", "Write it anew or remove it.");
            return JsonSerializer.Deserialize<ClientFile>(File.ReadAllBytes(path), Wire.Json) ?? new ClientFile();
        }
        catch (Exception bad) when (bad is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' cannot be read: {bad.Message}", "Correct it or remove it.");
        }
    }

    /// <summary>The file <c>~/.config/vio/client.json</c>.</summary>
    private sealed record ClientFile(string? Server = null, string? Token = null, string? CaSha256 = null);
}
