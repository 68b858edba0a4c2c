using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>What the site said at the join.</summary>
/// <param name="Site">The site.</param>
/// <param name="Host">This host.</param>
/// <param name="HostName">Its name there.</param>
/// <param name="Fabric">Addresses of servers, <c>ip:port</c>, 1 to 8.</param>
internal sealed record SiteMembership(SiteId Site, HostId Host, string HostName, IReadOnlyList<string> Fabric);

/// <summary>
/// Who this host is: its key, its certificate, the site's root. Kept in <c>identity/</c>: agent.key (0600), agent.pem,
/// site-ca.pem, site.json. Thread-safe; the certificate changes when it is renewed, the key does not.
/// </summary>
internal sealed class AgentIdentity
{
    private const string KeyFile = "agent.key";
    private const string LeafFile = "agent.pem";
    private const string RootFile = "site-ca.pem";
    private const string SiteFile = "site.json";
    private readonly string _directory;
    private readonly ECDsa _key;
    private volatile X509Certificate2 _leaf;
    private SiteMembership _membership;

    private AgentIdentity(string directory, ECDsa key, X509Certificate2 leaf, SiteTrust trust,
        SiteMembership membership)
    {
        (_directory, _key, _leaf, Trust, _membership) = (directory, key, leaf, trust, membership);
    }

    /// <summary>The check of every peer.</summary>
    public SiteTrust Trust { get; }

    /// <summary>This host.</summary>
    public HostId Host => _membership.Host;

    /// <summary>The site.</summary>
    public SiteId Site => _membership.Site;

    /// <summary>Its name in the site.</summary>
    public string HostName => _membership.HostName;

    /// <summary>Known servers.</summary>
    public IReadOnlyList<string> Servers => _membership.Fabric;

    /// <summary>The certificate with its key, for TLS.</summary>
    public X509Certificate2 Leaf => _leaf;

    /// <summary>Loads what a join left.</summary>
    /// <exception cref="StartupException">There is none, or it is damaged.</exception>
    public static AgentIdentity Load(string directory)
    {
        try
        {
            var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(Path.Combine(directory, KeyFile)));
            var root = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(directory, RootFile)));
            var membership = JsonSerializer.Deserialize<SiteMembership>(
                File.ReadAllText(Path.Combine(directory, SiteFile)), Wire.Json) ?? throw new JsonException("null");
            return new AgentIdentity(
                directory, key, WithKey(File.ReadAllText(Path.Combine(directory, LeafFile)), key), new SiteTrust(root),
                membership);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StartupException(
                $"This host has not joined a site: {directory} holds no identity.",
                "Ask an administrator for a token (POST /join-tokens) and run "
                    + "'vio agent join --token-file TOKEN --config FILE'.",
                missing);
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException or CryptographicException
            or ArgumentException or JsonException or FormatException)
        {
            throw new StartupException(
                $"The identity in {directory} cannot be read: {bad.Message}",
                "Restore it, or run 'vio agent rejoin --token-file FILE'.", bad);
        }
    }

    /// <summary>The key of this host, made at the first call; a rejoin keeps it, and with it the host's id.</summary>
    public static ECDsa LoadOrCreateKey(string directory)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(directory, KeyFile);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(path))
            key.ImportFromPem(File.ReadAllText(path));
        else
            PrivateFile.Write(path, key.ExportPkcs8PrivateKeyPem());
        return key;
    }

    /// <summary>Stores what a join brought. The certificate comes last: with it the identity counts.</summary>
    public static void Save(string directory, string leafPem, string rootPem, SiteMembership membership)
    {
        PrivateFile.Write(Path.Combine(directory, RootFile), rootPem);
        PrivateFile.Write(Path.Combine(directory, SiteFile), JsonSerializer.Serialize(membership, Wire.Json));
        PrivateFile.Write(Path.Combine(directory, LeafFile), leafPem);
    }

    /// <summary>A request for a certificate for this key.</summary>
    public static string RequestPem(ECDsa key) =>
        new CertificateRequest("CN=vio-agent", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    /// <summary>A request to renew.</summary>
    public string RequestPem() => RequestPem(_key);

    /// <summary>Takes a renewed certificate into use and stores it.</summary>
    /// <exception cref="CryptographicException">It is not for this host's key, or not of this site.</exception>
    public void Renew(string leafPem, DateTimeOffset now)
    {
        var renewed = WithKey(leafPem, _key);
        var (identity, denied) = Trust.Check(renewed, now);
        if (identity?.Id != Host.Value)
            throw new CryptographicException(
                denied ?? $"The renewed certificate is for {identity}, not for host {Host}.");
        PrivateFile.Write(Path.Combine(_directory, LeafFile), leafPem);
        _leaf = renewed;
    }

    /// <summary>Notes the site's servers when they changed.</summary>
    public void Learn(IReadOnlyList<string> servers)
    {
        if (servers.Count == 0 || servers.SequenceEqual(_membership.Fabric)) return;
        _membership = _membership with { Fabric = servers };
        PrivateFile.Write(Path.Combine(_directory, SiteFile), JsonSerializer.Serialize(_membership, Wire.Json));
    }

    /// <summary>Signs for this host (ECDSA P-256, SHA-256, IEEE P1363).</summary>
    public byte[] Sign(ReadOnlySpan<byte> statement)
    {
        lock (_key) return _key.SignData(statement.ToArray(), HashAlgorithmName.SHA256);
    }

    private static X509Certificate2 WithKey(string leafPem, ECDsa key)
    {
        using var bare = X509Certificate2.CreateFromPem(leafPem);
        return bare.CopyWithPrivateKey(key);
    }
}
