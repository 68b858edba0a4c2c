using System.Net;
using System.Text.Json.Serialization;
using VioActors.Runtime;

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

    /// <summary>
    /// Name of this server among those of the site, for people: 1 to 64 of letters, digits, <c>.</c> and <c>-</c>.
    /// Default: the machine's name.
    /// </summary>
    public string ServerName { get; init; } = Environment.MachineName;

    /// <summary>
    /// The store: a path or <c>Data Source=path</c> for one server, or <c>Host=..;Database=..;Username=..</c> for
    /// PostgreSQL, which several servers share. Default: <c>site.db</c> in the data directory.
    /// </summary>
    public string? Store { get; init; }

    /// <summary>
    /// Where actors live when there are several servers: <c>OnOne</c> of them while the others stand by, <c>ByLoad</c>,
    /// or <c>Spread</c> evenly over all.
    /// </summary>
    public ShardPlacement Placement { get; init; } = ShardPlacement.OnOne;

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

    /// <summary>Where the store is.</summary>
    [JsonIgnore]
    public StoreAddress StoreAddress => StoreAddress.Of(Store, DataDirectory);

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="store">In place of the file's <see cref="Store"/>; null to leave that.</param>
    /// <exception cref="StartupException">
    /// It cannot be read, or something in it is wrong; all errors at once.
    /// </exception>
    public static ServerOptions Load(string path, string? store = null)
    {
        return With(ConfigFile.Load<ServerOptions>(
            path, options => ServerOptionsCheck.Errors(With(options)),
            "Correct the file; config/site.json shows every option."));

        ServerOptions With(ServerOptions options) => store is null ? options : options with { Store = store };
    }
}
