using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Switch.DataPlane;

/// <summary>A switchd refused a request; <see cref="Code"/> is a stable word.</summary>
public sealed class SwitchRefusedException(string code, string reason) : Exception($"{reason} ({code}).")
{
    /// <summary>As in <see cref="ControlError"/>.</summary>
    public string Code { get; } = code;
}

/// <summary>
/// The agent's side of the control protocol. Thread safe: one connection carries all requests, side by side. After an
/// <see cref="IOException"/>, or when it is closed, make a new client.
/// </summary>
public sealed class SwitchControlClient : IAsyncDisposable
{
    private readonly ControlStream _stream;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<ControlMessage>> _waiting = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;
    private int _lastId;
    private volatile bool _closed;

    private SwitchControlClient(ControlStream stream, ControlHello server)
    {
        _stream = stream;
        Server = server;
        _reading = ReadAsync();
    }

    /// <summary>What the switchd said about itself.</summary>
    public ControlHello Server { get; }

    /// <summary>Whether the connection has ended.</summary>
    public bool IsClosed => _closed;

    /// <summary>Connects and exchanges hellos.</summary>
    /// <param name="path">The control socket.</param>
    /// <param name="build">Name and version of the caller, for the other side's logs.</param>
    /// <param name="cancel">Ends waiting.</param>
    /// <exception cref="IOException">Nobody listens there.</exception>
    /// <exception cref="SwitchRefusedException">The versions do not overlap.</exception>
    public static async Task<SwitchControlClient> ConnectAsync(string path, string build, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"No switchd answers at {path}: {e.Message}. Is it running?", e);
        }

        var stream = new ControlStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.WriteAsync(
                ControlHello.Of(build), cancel).ConfigureAwait(false);
            if (await stream.ReadAsync(cancel).ConfigureAwait(false) is not ControlHello hello)
                throw new IOException($"What answers at {path} is no switchd.");
            if (hello.MaxVersion < ControlHello.Oldest || hello.MinVersion > ControlHello.Newest)
                throw new SwitchRefusedException(
                    "version", $"the switchd at {path} speaks control versions {hello.MinVersion} to "
                    + $"{hello.MaxVersion}, "
                    + $"this build {ControlHello.Oldest} to {ControlHello.Newest}; update the older one");
            return new SwitchControlClient(stream, hello);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The switchd's public key and the end of its proof.</summary>
    public Task<IdentityReply> GetIdentityAsync(CancellationToken cancel) =>
        AskAsync<IdentityReply>(new IdentityRequest(), cancel);

    /// <summary>Installs a proof that was signed elsewhere.</summary>
    public Task InstallIdentityAsync(IdentityInstall install, CancellationToken cancel) =>
        AskAsync<ControlDone>(install, cancel);

    /// <summary>
    /// Asks for the key, signs it with the host certificate's key, and installs the proof. Repeat at half time.
    /// </summary>
    /// <param name="chainPem">The host's certificate and intermediates in PEM, leaf first.</param>
    /// <param name="leafKey">Its private key; stays in the caller's process.</param>
    /// <param name="expires">At most the end of the certificate.</param>
    /// <param name="cancel">Ends waiting.</param>
    public async Task RenewIdentityAsync(
        string chainPem, ECDsa leafKey, DateTimeOffset expires, CancellationToken cancel)
    {
        IdentityReply identity = await GetIdentityAsync(cancel).ConfigureAwait(false);
        long seconds = expires.ToUnixTimeSeconds();
        byte[] signature = new IdentityStatement(identity.SiteId, identity.HostId, seconds, identity.PublicKey)
            .Sign(leafKey);
        await InstallIdentityAsync(new IdentityInstall(seconds, signature, chainPem), cancel).ConfigureAwait(false);
    }

    /// <summary>Makes the host's switch as wanted and tells which items are not.</summary>
    /// <exception cref="SwitchRefusedException">The version is older than the applied one.</exception>
    public Task<ApplyReply> ApplyAsync(SwitchWantedState state, CancellationToken cancel) =>
        AskAsync<ApplyReply>(new ApplyRequest(state), cancel);

    /// <summary>All counters.</summary>
    public async Task<SwitchStatus> StatusAsync(CancellationToken cancel) =>
        (await AskAsync<StatusReply>(new StatusRequest(), cancel).ConfigureAwait(false)).Status;

    /// <summary>Whether a node answers ARP and ICMP echo of this host's prober.</summary>
    /// <returns>Round trip of the echo; null when it did not answer in time.</returns>
    public async Task<TimeSpan?> ProbeAsync(string environment, string ip, TimeSpan timeout, CancellationToken cancel)
    {
        ProbeReply reply = await AskAsync<ProbeReply>(
            new ProbeRequest(environment, ip, (int)timeout.TotalMilliseconds), cancel).ConfigureAwait(false);
        return reply.RttMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
    }

    /// <summary>Pings a node through the switch, also while it moves.</summary>
    /// <param name="environment">Its environment.</param>
    /// <param name="ip">Its address.</param>
    /// <param name="interval">At least 10 ms.</param>
    /// <param name="count">Null: until <paramref name="stop"/>.</param>
    /// <param name="timeout">Of each request.</param>
    /// <param name="stop">Ends sending; the report still comes.</param>
    public async Task<PingReport> PingAsync(
        string environment, string ip, TimeSpan interval, int? count, TimeSpan timeout, CancellationToken stop)
    {
        var request = new PingRequest(
            environment, ip, (int)interval.TotalMilliseconds, count, (int)timeout.TotalMilliseconds)
        { Id = Interlocked.Increment(ref _lastId) };
        await using (stop.Register(() => _ = StopAsync(request.Id)))
            return (await AskAsync<PingReply>(request, CancellationToken.None).ConfigureAwait(false)).Report;
    }

    /// <summary>Starts to capture the frames of a port; read them within 10 s and then again and again.</summary>
    /// <exception cref="SwitchRefusedException">No such port, a bad filter, or too many traces.</exception>
    public Task<TraceStarted> StartTraceAsync(TraceStart request, CancellationToken cancel) =>
        AskAsync<TraceStarted>(request, cancel);

    /// <summary>Captured frames; waits for the first at most <see cref="TraceRead.WaitMs"/>.</summary>
    /// <exception cref="SwitchRefusedException">The trace has ended.</exception>
    public Task<TraceFrames> ReadTraceAsync(TraceRead request, CancellationToken cancel) =>
        AskAsync<TraceFrames>(request, cancel);

    /// <summary>Ends a trace; one that has ended is fine.</summary>
    public Task StopTraceAsync(int trace, CancellationToken cancel) =>
        AskAsync<ControlDone>(new TraceStop(trace), cancel);

    /// <summary>Facts of dropped frames.</summary>
    /// <exception cref="SwitchRefusedException">No such port.</exception>
    public Task<DropsReply> DropsAsync(DropsRequest request, CancellationToken cancel) =>
        AskAsync<DropsReply>(request, cancel);

    /// <summary>Closes the connection, which ends its requests; the switchd goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<T> AskAsync<T>(ControlMessage request, CancellationToken cancel) where T : ControlMessage
    {
        int id = request.Id != 0 ? request.Id : Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<ControlMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            if (_closed)
                throw Closed();

            // A write that has begun is ended, whoever stops waiting: half a message would spoil the connection.
            await _stream.WriteAsync(request with { Id = id }, CancellationToken.None).WaitAsync(cancel)
                .ConfigureAwait(false);
            return Expect<T>(await answer.Task.WaitAsync(cancel).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            _ = StopAsync(id);
            throw;
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    private async Task StopAsync(int id)
    {
        try
        {
            await _stream.WriteAsync(new ControlStop(id), _closing.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // With the connection the request ended too.
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _stream.ReadAsync(_closing.Token).ConfigureAwait(false) is { } message)
            {
                if (_waiting.TryGetValue(message.Id, out TaskCompletionSource<ControlMessage>? one))
                    one.TrySetResult(message);
                else if (message is ControlError { Id: 0 })
                    EndAll(waiting => waiting.TrySetResult(message));
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException
            or ObjectDisposedException)
        {
            // Everybody who waits is told below.
        }
        finally
        {
            _closed = true;
            EndAll(waiting => waiting.TrySetException(Closed()));
        }
    }

    private void EndAll(Action<TaskCompletionSource<ControlMessage>> end)
    {
        foreach (TaskCompletionSource<ControlMessage> waiting in _waiting.Values)
            end(waiting);
    }

    private static IOException Closed() => new("The switchd closed the control connection.");

    private static T Expect<T>(ControlMessage reply) where T : ControlMessage => reply switch
    {
        T expected => expected,
        ControlError error => throw new SwitchRefusedException(error.Code, error.Reason),
        _ => throw new IOException($"The switchd answered with {reply.GetType().Name} instead of {typeof(T).Name}."),
    };
}
