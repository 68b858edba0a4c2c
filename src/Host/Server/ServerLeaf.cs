using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Server;

/// <summary>
/// The server's own certificate, in memory only: made at the start and made anew at half its life, for connections from
/// then on. Thread-safe.
/// </summary>
internal sealed class ServerLeaf(SiteAuthority authority, ServerOptions options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _context;
    private DateTimeOffset _renewAt;

    /// <summary>For the next handshake.</summary>
    public SslStreamCertificateContext Context
    {
        get
        {
            lock (_lock)
            {
                if (_context is null || clock.GetUtcNow() >= _renewAt)
                    Renew();
                return _context!;
            }
        }
    }

    private void Renew()
    {
        var leaf = authority.IssueServer(options.ServerName, Names());
        _context = SslStreamCertificateContext.Create(
            leaf, new X509Certificate2Collection(authority.Trust.Root), offline: true);
        _renewAt = clock.GetUtcNow() + (SiteAuthority.LeafLife / 2);
    }

    private IEnumerable<string> Names()
    {
        var listening = new[] { options.FabricListen, options.ApiListen }.OfType<string>()
            .Select(text => IPEndPoint.Parse(text).Address)
            .Where(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
            .Select(address => address.ToString());
        return options.FabricNames.Concat(listening);
    }
}
