using System.Net.Http.Json;
using System.Security.Cryptography;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>
/// Plain requests to the site's servers over the fabric: image files and certificate renewal. Thread-safe.
/// </summary>
internal sealed class FabricHttp : IDisposable
{
    /// <summary>A server that sends nothing of a file for this long counts as gone.</summary>
    internal static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RenewalLimit = TimeSpan.FromSeconds(30);
    private readonly AgentIdentity _identity;
    private readonly Func<HttpMessageHandler> _transport;
    private readonly TimeProvider _clock;
    private HttpMessageInvoker _http;
    private HttpMessageInvoker? _before;

    /// <summary>Makes connections when they are needed.</summary>
    public FabricHttp(AgentIdentity identity, AgentTls tls, TimeProvider clock)
        : this(identity, () => new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = tls.ToServer(),
        }, clock)
    {
    }

    /// <summary>Over another transport, which it owns.</summary>
    internal FabricHttp(AgentIdentity identity, Func<HttpMessageHandler> transport, TimeProvider clock)
    {
        (_identity, _transport, _clock) = (identity, transport, clock);
        _http = new HttpMessageInvoker(transport());
    }

    /// <summary>For WebSockets over the same trust.</summary>
    public HttpMessageInvoker Invoker => _http;

    /// <summary>Brings a file into the store, from the first server that has it; fine when it is there.</summary>
    /// <exception cref="IOException">No server gave it whole, or the disk is full.</exception>
    public async Task FetchAsync(Blob blob, BlobStore store, CancellationToken cancel)
    {
        if (store.Find(blob.Sha256) is not null) return;
        var failures = new List<string>();
        foreach (var server in _identity.Servers)
        {
            using var stalled = new CancellationTokenSource(StallLimit, _clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stalled.Token);
            try
            {
                using var question = new HttpRequestMessage(
                    HttpMethod.Get, $"https://{server}/fabric/blobs/{blob.Sha256}");
                using var reply = await _http.SendAsync(question, both.Token);
                if (!reply.IsSuccessStatusCode)
                {
                    failures.Add($"{server} answered {(int)reply.StatusCode}");
                    continue;
                }
                await using var content = await reply.Content.ReadAsStreamAsync(both.Token);
                await store.PutAsync(
                    blob.Sha256, content, both.Token, arrived: () => stalled.CancelAfter(StallLimit));
                return;
            }
            catch (Exception broken) when (broken is HttpRequestException or InvalidDataException or HttpIOException)
            {
                failures.Add($"{server}: {broken.InnerException?.Message ?? broken.Message}");
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                failures.Add($"{server} sent nothing for {StallLimit.TotalSeconds} s");
            }
        }
        throw new IOException($"Image file {blob.Sha256} could not be fetched: {string.Join("; ", failures)}");
    }

    /// <summary>Asks for a new certificate for the same key, and takes it into use.</summary>
    /// <exception cref="HttpRequestException">No server gave one.</exception>
    /// <exception cref="CryptographicException">What came is not for this host.</exception>
    public async Task RenewAsync(DateTimeOffset now, CancellationToken cancel)
    {
        using var http = new HttpClient(new Borrowed(_http), disposeHandler: false)
        {
            Timeout = RenewalLimit,
            MaxResponseContentBufferSize = 64 * 1024,
        };
        Exception? last = null;
        foreach (var server in _identity.Servers)
        {
            try
            {
                var question = new RenewBody(_identity.RequestPem());
                using var reply = await http.PostAsJsonAsync(
                    $"https://{server}/fabric/renew", question, Wire.Json, cancel);
                reply.EnsureSuccessStatusCode();
                var answer = await reply.Content.ReadFromJsonAsync<RenewView>(Wire.Json, cancel);
                _identity.Renew(answer?.Certificate ?? "", now);
                // Open connections go on speaking for the old certificate: new requests get new ones, and who still
                // reads from an old one has until the next renewal.
                var old = Interlocked.Exchange(ref _http, new HttpMessageInvoker(_transport()));
                Interlocked.Exchange(ref _before, old)?.Dispose();
                return;
            }
            catch (Exception broken) when (
                broken is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                last = broken;
            }
        }
        throw new HttpRequestException(
            $"No server renewed the certificate: {last?.GetBaseException().Message.TrimEnd('.')}", last);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _before?.Dispose();
    }

    private sealed class Borrowed(HttpMessageInvoker http) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) =>
            http.SendAsync(request, cancel);
    }
}
