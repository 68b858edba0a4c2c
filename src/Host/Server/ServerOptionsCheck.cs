using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using VioActors.Contracts;

namespace VioActors.Daemon.Server;

/// <summary>Finds everything that is wrong with a server's options, so that one correction is enough.</summary>
internal static partial class ServerOptionsCheck
{
    private const int LongestSocketPath = 100;

    /// <summary>One sentence per error; empty when all is well.</summary>
    public static IReadOnlyList<string> Errors(ServerOptions options)
    {
        var errors = new List<string>();
        Require(errors, NameRule.Accepts(options.Name), $"name '{options.Name}' {NameRule.Problem(options.Name)}.");
        Require(errors, IsAbsolute(options.DataDirectory),
            $"dataDirectory '{options.DataDirectory}' must be an absolute path.");
        Require(errors, ServerName().IsMatch(options.ServerName),
            $"serverName '{options.ServerName}' must be 1 to 64 letters, digits, '.' and '-'.");
        Require(errors, options.StoreAddress is { Postgres: not null } or { Path: ['/', ..] },
            $"store '{options.Store}' must be an absolute path, 'Data Source=' and one, or 'Host=..;Database=..'.");
        Require(errors, options.ApiSocket is null || IsSocketPath(options.ApiSocket),
            $"apiSocket '{options.ApiSocket}' must be an absolute path of at most {LongestSocketPath} octets.");
        Require(errors, options.ApiListen is null || IsEndpoint(options.ApiListen),
            $"apiListen '{options.ApiListen}' must be ip:port or null.");
        Require(errors, options.ApiSocket is not null || options.ApiListen is not null,
            "apiSocket and apiListen are both null: nobody could reach the API.");
        Require(errors, IsEndpoint(options.FabricListen), $"fabricListen '{options.FabricListen}' must be ip:port.");
        foreach (var name in options.FabricNames)
            Require(errors, Uri.CheckHostName(name) is not UriHostNameType.Unknown,
                $"fabricNames: '{name}' is neither an address nor a DNS name.");
        Require(errors, options.FabricNames.Count <= 32,
            $"fabricNames has {options.FabricNames.Count} names; at most 32 fit.");
        Require(errors, options.HostGraceSeconds is >= 0 and <= 3600,
            $"hostGraceSeconds {options.HostGraceSeconds} must be 0 to 3600.");
        Require(errors, options.BlobLimitMiB is >= 1 and <= 1_048_576,
            $"blobLimitMiB {options.BlobLimitMiB} must be 1 to 1048576.");
        return errors;
    }

    private static void Require(List<string> errors, bool holds, string otherwise)
    {
        if (!holds)
            errors.Add(otherwise);
    }

    private static bool IsAbsolute(string path) => path is ['/', ..] && !path.Contains('\0');

    private static bool IsSocketPath(string path) =>
        IsAbsolute(path) && Encoding.UTF8.GetByteCount(path) <= LongestSocketPath;

    private static bool IsEndpoint(string text) => text.Contains(':') && IPEndPoint.TryParse(text, out _);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex ServerName();
}
