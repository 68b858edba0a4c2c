using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Api;
using VioActors.Daemon.Security;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Cluster;

/// <summary>
/// Reaches the site's other servers over the fabric, with a server's certificate on both sides. Thread-safe.
/// </summary>
internal sealed class PeerClient : IPeers, IDisposable
{
    private const int MostConnections = 64;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StatsLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly MessageCodec _codec;
    private readonly HttpClient _http;

    /// <summary>Makes connections when they are needed.</summary>
    public PeerClient(MessageCodec codec, ServerLeaf leaf, SiteTrust trust, TimeProvider clock)
    {
        _codec = codec;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectLimit,
            MaxConnectionsPerServer = MostConnections,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = Tls(leaf, trust, clock),
        })
        {
            Timeout = AnswerLimit,
        };
    }

    /// <inheritdoc/>
    public async Task<AskResult> AskAsync(ServerRow server, PeerAsk ask, CancellationToken cancel)
    {
        var question = new PeerQuestion(
            ask.To.ToString(), ask.Message.Name, ask.Message.Json, ask.Principal, ask.IdempotencyKey);
        try
        {
            using var response = await PostAsync(server, "ask", question, cancel);
            if (!response.IsSuccessStatusCode)
                throw new PeerUnreachableException(server.Name, $"it answered {(int)response.StatusCode}");
            return ResultOf(await ReadAsync<PeerAnswer>(response, cancel));
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException
            || (broken is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw NeverSent(broken)
                ? new PeerUnreachableException(server.Name, broken.Message)
                : new OutcomeUnknownException($"Server {server.Name} took the request and did not answer.");
        }
    }

    /// <inheritdoc/>
    public async Task<string?> ReadAsync(ServerRow server, ActorKey actor, CancellationToken cancel)
    {
        try
        {
            using var response = await PostAsync(server, "read", new PeerActor(actor.ToString()), cancel);
            if (!response.IsSuccessStatusCode)
                throw new NotServingException($"Server {server.Name} answered {(int)response.StatusCode}.");
            var state = await ReadAsync<PeerState>(response, cancel);
            return state.NotServing is { } reason ? throw new NotServingException(reason) : state.Json;
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException
            or PeerUnreachableException || (broken is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new NotServingException($"Server {server.Name} cannot be asked: {broken.Message}");
        }
    }

    /// <inheritdoc/>
    public async Task WakeAsync(ServerRow server, IReadOnlyList<int> shards)
    {
        try
        {
            using var _ = await PostAsync(server, "wake", new PeerWake(shards), CancellationToken.None);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException
            or PeerUnreachableException)
        {
            // A lost hint only delays: every server sweeps its inboxes.
        }
    }

    /// <summary>What a server says of itself; null when it does not answer within a second.</summary>
    public async Task<ServerStats?> StatsAsync(ServerRow server, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(StatsLimit);
        try
        {
            using var response = await PostAsync(server, "stats", new { }, late.Token);
            return response.IsSuccessStatusCode ? await ReadAsync<ServerStats>(response, late.Token) : null;
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException
            or PeerUnreachableException || (broken is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Tells a server to give its shards away, or that it may take some again.</summary>
    /// <exception cref="ProblemException">It does not answer.</exception>
    public async Task DrainAsync(ServerRow server, DrainBody body, CancellationToken cancel)
    {
        try
        {
            using var response = await PostAsync(server, "drain", body, cancel);
            response.EnsureSuccessStatusCode();
        }
        catch (Exception broken) when (broken is HttpRequestException or PeerUnreachableException
            || (broken is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw ProblemException.Unavailable(new Failure(
                "server-unreachable", $"Server '{server.Name}' cannot be told: {broken.Message}",
                "Ask it itself, or state that it is dead: vio cluster down."));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static SslClientAuthenticationOptions Tls(ServerLeaf leaf, SiteTrust trust, TimeProvider clock) => new()
    {
        // Names in DNS say nothing here: the URI name in the certificate does.
        TargetHost = "vio",
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        // A resumed session would skip the check of the certificate.
        AllowTlsResume = false,
        // Asked for at each handshake: the leaf is renewed while we run.
        LocalCertificateSelectionCallback = (_, _, _, _, _) => leaf.Context.TargetCertificate,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown
            && trust.Check(shown, clock.GetUtcNow()).Identity?.Role == LeafRole.Server,
    };

    private Task<HttpResponseMessage> PostAsync<T>(
        ServerRow server, string what, T body, CancellationToken cancel) =>
        server.Address.Length == 0
            ? throw new PeerUnreachableException(server.Name, "it does not listen yet")
            : _http.PostAsJsonAsync($"https://{server.Address}/fabric/peer/{what}", body, Wire.Json, cancel);

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancel) =>
        await response.Content.ReadFromJsonAsync<T>(Wire.Json, cancel)
        ?? throw new JsonException("The answer is null.");

    private AskResult ResultOf(PeerAnswer answer) => answer switch
    {
        { Unknown: { } why } => throw new OutcomeUnknownException(why),
        { Refusal: { } refusal } => AskResult.Refuse(refusal),
        { Busy: { } busy, IsElsewhere: true } => AskResult.Elsewhere(busy.RetryAfter, busy.Reason),
        { Busy: { } busy } => AskResult.Later(busy.RetryAfter, busy.Reason),
        { Reply: { } reply } => AskResult.Done(_codec.Decode(new Body(reply.Name, reply.Json))),
        _ => AskResult.Done(null),
    };

    /// <summary>Whether the failure came before anything was sent; only then nothing happened for sure.</summary>
    private static bool NeverSent(Exception broken) => broken is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.NameResolutionError,
    };
}
