using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The data plane of one host: its lanes, its ports and its control socket. Forwards as long as it lives, whether or
/// not anybody is connected to the socket. All state is in memory: a restart begins with an apply and new handshakes.
/// Thread safe.
/// </summary>
public sealed class SwitchDaemon : IControlRequests, IAsyncDisposable
{
    private readonly SwitchDaemonOptions _options;
    private readonly TimeProvider _time;
    private readonly SwitchIdentity _identity;
    private readonly IReadOnlyList<PeerVerifier> _verifiers;
    private readonly StreamIdentity _streams;
    private readonly LaneSet _lanes;
    private readonly WorkThread _work;
    private readonly StateApplier _applier;
    private readonly SwitchControlServer _server;
    private readonly TraceRequests _traces;
    private int _disposed;

    private SwitchDaemon(
        SwitchDaemonOptions options, TimeProvider time, SwitchIdentity identity,
        IReadOnlyList<PeerVerifier> verifiers, StreamIdentity streams, LaneSet lanes)
    {
        _options = options;
        _time = time;
        _identity = identity;
        _verifiers = verifiers;
        _streams = streams;
        _lanes = lanes;
        _work = new WorkThread("switch-ports", options.NetworkNamespacePath);
        _applier = new StateApplier(
            lanes, new PortMaker(new PortJoint(options.HostId, time), lanes.Count),
            () => new StatePlanner(options.HostId, options.Listen.AddressFamily, options.PortSocketDirectory));
        _traces = new TraceRequests(lanes.First, time);
        _server = new SwitchControlServer(options.ControlSocketPath, this, time);
    }

    /// <summary>The bound UDP port of the first lane; those of the others follow.</summary>
    public int Port => _lanes.First.Port;

    /// <summary>How many lanes it has.</summary>
    public int Lanes => _lanes.Count;

    /// <summary>Ends when the daemon stopped; faulted when a lane failed.</summary>
    public Task Completion => _lanes.Ended;

    /// <summary>Starts a daemon; when the task ends, its sockets are open.</summary>
    /// <exception cref="ArgumentException">The options are wrong; the message says everything that is.</exception>
    /// <exception cref="SwitchIoException">The UDP address cannot be bound, the namespace not entered.</exception>
    /// <exception cref="InvalidOperationException">Another switchd answers at the control socket.</exception>
    public static async Task<SwitchDaemon> StartAsync(SwitchDaemonOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        Limits.Check();
        if (options.Validate() is { Count: > 0 } errors)
            throw new ArgumentException(string.Join(' ', errors), nameof(options));
        if (options.Lanes is { } count)
            return await StartAsync(options, count, time).ConfigureAwait(false);
        count = SwitchDaemonOptions.LanesFor(Environment.ProcessorCount);
        try
        {
            return await StartAsync(options, count, time).ConfigureAwait(false);
        }
        catch (SwitchIoException) when (count > 1)
        {
            // Nobody asked for several: the port behind ours may well be somebody else's.
            return await StartAsync(options, 1, time).ConfigureAwait(false);
        }
    }

    private static async Task<SwitchDaemon> StartAsync(SwitchDaemonOptions options, int count, TimeProvider time)
    {
        var identity = new SwitchIdentity();
        PeerVerifier[] verifiers =
            [.. Enumerable.Range(0, count).Select(_ => new PeerVerifier(options.SiteId, options.SiteCaPem, time))];
        var streams = new StreamIdentity(
            identity, new PeerVerifier(options.SiteId, options.SiteCaPem, time), time);
        LaneSet? lanes = null;
        SwitchDaemon? daemon = null;
        try
        {
            var group = new LaneGroup(count, time);
            lanes = await LaneSet.StartAsync(options.Listen, count, (listen, lane) => LaneThread.StartAsync(
                listen, options.NetworkNamespacePath, options.UnderlayMtu - IpAndUdpBytes(options),
                lane == 0 ? options.TcpListen : null, group.InboxOf(lane),
                wake => new StreamHub(options.HostId, streams, time, wake),
                link => new SwitchCore(
                    SettingsOf(options) with { Lane = (byte)lane }, time, link, identity, verifiers[lane], group)))
                .ConfigureAwait(false);
            daemon = new SwitchDaemon(options, time, identity, verifiers, streams, lanes);
            if (options.DisableBridgeFilter)
            {
                await daemon._work.RunAsync(() =>
                {
                    PortJoint.DisableBridgeFilter();
                    return true;
                }).ConfigureAwait(false);
            }

            daemon._server.Start();
            return daemon;
        }
        catch
        {
            if (daemon is not null)
                await daemon.DisposeAsync().ConfigureAwait(false);
            lanes?.Dispose();
            foreach (PeerVerifier verifier in verifiers)
                verifier.Dispose();
            streams.Dispose();
            identity.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stops forwarding and closes everything. The bridges stay, with the machines plugged in, for the next switchd;
    /// apply an
    /// empty state first to remove them.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _server.DisposeAsync().ConfigureAwait(false);
        _lanes.Dispose();
        await _work.RunAsync(() =>
        {
            _applier.ClosePorts();
            return true;
        }).ConfigureAwait(false);
        _work.Dispose();
        foreach (PeerVerifier verifier in _verifiers)
            verifier.Dispose();
        _streams.Dispose();
        _identity.Dispose();
    }

    Task<ControlMessage> IControlRequests.HandleAsync(ControlMessage request, CancellationToken stop) => request switch
    {
        IdentityRequest => Task.FromResult<ControlMessage>(new IdentityReply(
            _options.SiteId, _options.HostId, _identity.PublicKey, _identity.Proof?.ExpiresAtUnixSeconds)),
        IdentityInstall install => _work.RunAsync(() => Install(install)),
        ApplyRequest apply => _work.RunAsync(() => _applier.Apply(apply.State)),
        StatusRequest => StatusAsync(),
        ProbeRequest probe => ProbeAsync(probe, stop),
        PingRequest ping => PingAsync(ping, stop),
        TraceStart or TraceRead or TraceStop or DropsRequest => _traces.HandleAsync(request, stop),
        _ => Task.FromResult<ControlMessage>(new ControlError("bad-message", "this message is not a request")),
    };

    private static CoreSettings SettingsOf(SwitchDaemonOptions options)
    {
        int datagram = options.UnderlayMtu - IpAndUdpBytes(options);
        return new CoreSettings
        {
            HostId = options.HostId,
            Lane = 0,
            IpAndUdpBytes = IpAndUdpBytes(options),
            MaxSlicePayload = datagram - TunnelSession.Overhead - SliceHeader.Bytes,
            Isolated = !options.UnsafeNoIsolation,
            RekeyAfter = options.RekeyAfter,
            TrafficClassMask = options.CopyDscp ? byte.MaxValue : Ecn.Mask,
            RelayBytesPerSecond = options.RelayMegabitsPerSecond * 125_000L,
        };
    }

    private static int IpAndUdpBytes(SwitchDaemonOptions options) =>
        options.Listen.AddressFamily == AddressFamily.InterNetwork ? 28 : 48;

    private ControlMessage Install(IdentityInstall install)
    {
        IdentityProof proof;
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(install.ChainPem);
            byte[][] der = [.. chain.Select(c => c.RawData)];
            foreach (X509Certificate2 certificate in chain)
                certificate.Dispose();
            if (der.Length is 0 or > Limits.MaxChainCertificates || der.Sum(c => c.Length) > Limits.MaxChainBytes)
                return new ControlError(
                    "bad-identity", $"the chain must have 1 to {Limits.MaxChainCertificates} certificates and "
                    + $"{Limits.MaxChainBytes} bytes at most");
            proof = new IdentityProof(_identity.PublicKey, install.ExpiresAtUnixSeconds, install.Signature, der);
        }
        catch (CryptographicException e)
        {
            return new ControlError("bad-identity", $"the chain is not PEM: {e.Message}");
        }

        // A verifier of its own: the lane's is not shared between threads. Peers would refuse what this refuses.
        using var verifier = new PeerVerifier(_options.SiteId, _options.SiteCaPem, _time);
        if (verifier.Verify(proof, _options.HostId) is { } reason)
            return new ControlError("bad-identity", $"peers would refuse this identity of {_options.HostId}: {reason}");
        _identity.Install(proof);
        return new ControlDone();
    }

    private async Task<ControlMessage> StatusAsync()
    {
        SwitchStatus[] lanes = await _lanes.InvokeAsync((lane, core) => StatusReader.Read(core, lane.Port, lane.Ports))
            .ConfigureAwait(false);
        return new StatusReply(StatusMerge.Of(lanes) with
        {
            Version = _applier.Version,
            IdentityExpiresAtUnixSeconds = _identity.Proof?.ExpiresAtUnixSeconds,
        });
    }

    private async Task<ControlMessage> ProbeAsync(ProbeRequest request, CancellationToken stop)
    {
        if (request.TimeoutMs is < 1 or > Limits.MaxPingTimeoutMs)
            return new ControlError("bad-request", $"a probe's timeout is 1 to {Limits.MaxPingTimeoutMs} ms");
        (ReadyProbe? run, ControlError? refusal) = await StartRunAsync(
            request.Environment, request.Ip, (environment, ip) =>
            new ReadyProbe(environment, ip, TimeSpan.FromMilliseconds(request.TimeoutMs), _time)).ConfigureAwait(false);
        if (run is null)
            return refusal!;
        await using CancellationTokenRegistration ending = stop.Register(run.Stop);
        return new ProbeReply((await run.Result.ConfigureAwait(false))?.TotalMilliseconds);
    }

    private async Task<ControlMessage> PingAsync(PingRequest request, CancellationToken stop)
    {
        int count = request.Count ?? Limits.MaxPingCount;
        if (request.IntervalMs is < Limits.MinPingIntervalMs or > 60_000 || count is < 1 or > Limits.MaxPingCount
            || request.TimeoutMs is < 1 or > Limits.MaxPingTimeoutMs)
        {
            return new ControlError(
                "bad-request", $"a ping's interval is {Limits.MinPingIntervalMs} to 60000 ms, its count 1 to "
                + $"{Limits.MaxPingCount} and its timeout 1 to {Limits.MaxPingTimeoutMs} ms");
        }

        (PingRun? run, ControlError? refusal) = await StartRunAsync(
            request.Environment, request.Ip, (environment, ip) => new PingRun(
                environment, ip, TimeSpan.FromMilliseconds(request.IntervalMs), count,
                TimeSpan.FromMilliseconds(request.TimeoutMs), _time)).ConfigureAwait(false);
        if (run is null)
            return refusal!;
        await using CancellationTokenRegistration ending = stop.Register(run.Stop);
        return new PingReply(await run.Result.ConfigureAwait(false));
    }

    private Task<(T? Run, ControlError? Refusal)> StartRunAsync<T>(
        string environmentId, string ip, Func<SwitchEnvironment, Ipv4, T> create) where T : ProbeRun =>
        _lanes.First.InvokeAsync<(T?, ControlError?)>(core =>
        {
            if (!core.Environments.TryGetValue(environmentId, out SwitchEnvironment? environment))
                return (null, new ControlError(
                    "unknown-environment", $"environment '{environmentId}' is not on this host"));
            if (!Ipv4.TryParse(ip, out Ipv4 target) || environment.Find(target) is null)
                return (null, new ControlError(
                    "unknown-node", $"no node of environment '{environmentId}' has the address '{ip}'"));
            T run = create(environment, target);
            return core.Prober.Start(run) is { } reason ? (null, new ControlError("busy", reason)) : (run, null);
        });
}
