using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using VioActors.Daemon.Api;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Server;

/// <summary>
/// The server's only ways in: the API on a unix socket and on TLS, the fabric on mutual TLS. Marks every connection
/// with the listener it came by. There is no plain TCP.
/// </summary>
internal sealed class Listeners(ServerOptions options, ServerLeaf leaf, FabricTls fabricTls)
{
    private const int MostConnections = 2000;
    private const int MostBody = 1024 * 1024;
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);
    private ListenOptions? _api;
    private ListenOptions? _fabric;

    /// <summary>Where the API answers by TLS, <c>ip:port</c>; null when it does not.</summary>
    public string? ApiAddress => _api is null ? null : Address(_api.IPEndPoint!);

    /// <summary>
    /// Where agents connect, <c>ip:port</c>, or the first fabric name when the server listens on all addresses.
    /// </summary>
    public string FabricAddress => Address(
        _fabric?.IPEndPoint ?? throw new InvalidOperationException("The listeners are not open yet."));

    /// <summary>The same, or null while the listeners are not open.</summary>
    public string? OpenFabricAddress =>
        _fabric?.IPEndPoint is { Port: not 0 } ? FabricAddress : null;

    /// <summary>Sets Kestrel up; it opens the listeners when the application starts.</summary>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MostBody;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = MostConnections / 2;
        kestrel.Limits.RequestHeadersTimeout = Handshake;
        if (options.ApiSocket is { } path)
            kestrel.ListenUnixSocket(path, listen => Mark(listen, Door.Api));
        if (options.ApiListen is { } api)
            kestrel.Listen(IPEndPoint.Parse(api), listen => _api = Secure(listen, Door.Api, ApiTls));
        kestrel.Listen(IPEndPoint.Parse(options.FabricListen), listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            _fabric = Secure(listen, Door.Fabric, () => fabricTls.Options(leaf.Context));
        });
    }

    private SslServerAuthenticationOptions ApiTls() => new()
    {
        EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls13,
        ServerCertificateContext = leaf.Context,
    };

    private static ListenOptions Secure(ListenOptions listen, Door door, Func<SslServerAuthenticationOptions> tls)
    {
        Mark(listen, door);
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = Handshake,
            OnConnection = _ => ValueTask.FromResult(tls()),
        });
        return listen;
    }

    private static void Mark(ListenOptions listen, Door door) => listen.Use(next => connection =>
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        RequestFacts.Mark(connection.Items, door, socket is null ? null : PeerCredentials.Of(socket));
        return next(connection);
    });

    private string Address(IPEndPoint bound)
    {
        var any = bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any);
        return any && options.FabricNames is [var first, ..] ? $"{first}:{bound.Port}" : bound.ToString();
    }
}
