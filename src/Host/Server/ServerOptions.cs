using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VioActors.Daemon.Server;

/// <summary>What a server is told by its configuration file; see <c>config/site.json</c>.</summary>
internal sealed record ServerOptions
{
    /// <summary>Name of the site, for people: 1 to 40 of a-z, 0-9 and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Absolute directory of the site's keys, image files and, by default, its store. Private to the server.
    /// </summary>
    public required string DataDirectory { get; init; }

    /// <summary>The store: a path or <c>Data Source=path</c>. Default: <c>site.db</c> in the data directory.</summary>
    public string? Store { get; init; }

    /// <summary>
    /// Path of the API's unix socket, at most 100 octets; null for none. Its users are known by their uid.
    /// </summary>
    public string? ApiSocket { get; init; }

    /// <summary><c>ip:port</c> of the API over TLS 1.3 with bearer tokens; null for none.</summary>
    public string? ApiListen { get; init; }

    /// <summary><c>ip:port</c> where agents connect with mutual TLS 1.3.</summary>
    public required string FabricListen { get; init; }

    /// <summary>
    /// Addresses and DNS names that agents and clients use for this server; they go into its certificate.
    /// </summary>
    public IReadOnlyList<string> FabricNames { get; init; } = [];

    /// <summary>
    /// Seconds that a host may be away before its commands fail as unreachable, 0 to 3600. Higher rides out longer
    /// restarts of an agent; lower tells the user sooner.
    /// </summary>
    public int HostGraceSeconds { get; init; } = 20;

    /// <summary>
    /// Largest image file that is taken, MiB, 1 to 1,048,576. Higher lets one upload fill more of the disk.
    /// </summary>
    public int BlobLimitMiB { get; init; } = 8192;

    /// <summary>Directory of image files, named by their content.</summary>
    [JsonIgnore]
    public string BlobDirectory => Path.Combine(DataDirectory, "blobs");

    /// <summary>Where the first administrator's token is written at the first start.</summary>
    [JsonIgnore]
    public string AdminTokenPath => Path.Combine(DataDirectory, "admin.token");

    /// <summary>Path of the store's file.</summary>
    [JsonIgnore]
    public string StorePath => Store switch
    {
        null => Path.Combine(DataDirectory, "site.db"),
        _ when Store.StartsWith(DataSource, StringComparison.OrdinalIgnoreCase) => Store[DataSource.Length..].Trim(),
        _ => Store,
    };

    private const string DataSource = "Data Source=";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="StartupException">It cannot be read, or something in it is wrong; all errors at
    /// once.</exception>
    public static ServerOptions Load(string path)
    {
        try
        {
            var options = JsonSerializer.Deserialize<ServerOptions>(File.ReadAllText(path), Json)
                ?? throw new JsonException("the file holds null");
            var errors = ServerOptionsCheck.Errors(options);
            return errors.Count == 0 ? options : throw new StartupException(
                $"{path}: {string.Join(" ", errors)}", "Correct the file; config/site.json shows every option.")
            {
                IsWrongUsage = true,
            };
        }
        catch (Exception bad) when (bad is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The configuration {path} cannot be read: {bad.Message}",
                "Correct the file; config/site.json shows every option.", bad)
            {
                IsWrongUsage = true,
            };
        }
    }
}
