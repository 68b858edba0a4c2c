using Microsoft.Extensions.Logging.Console;
using VioActors.Daemon.Api;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server.Adaptation;
using VioActors.Daemon.Server.Agents;
using VioActors.Daemon.Server.Cluster;
using VioActors.Daemon.Server.Restore;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Server;

/// <summary>
/// A running server: lock, authority, store, actors, then the listeners; ended in the opposite order. A SIGKILL at any
/// point loses nothing that was answered.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);
    private readonly Stack<IAsyncDisposable> _owned = new();
    private PeerClient? _peers;
    private volatile WebApplication? _app;

    private ServerProcess(ServerOptions options) => Options = options;

    /// <summary>How it was configured.</summary>
    public ServerOptions Options { get; }

    /// <summary>Its parts, for tests and for processes that embed it.</summary>
    public IServiceProvider Services => (_app ?? throw new InvalidOperationException("The server is not started."))
        .Services;

    /// <summary>Runs until told to stop.</summary>
    /// <returns>0 after a graceful stop, 1 when it could not start or go on; then one line on the error output says
    /// why.</returns>
    public static async Task<int> RunAsync(ServerOptions options, CancellationToken stop)
    {
        try
        {
            await using var server = await StartAsync(options, TimeProvider.System, stop);
            var ended = await server.WaitAsync(stop);
            if (ended is null)
                return 0;
            await Console.Error.WriteLineAsync($"vio server: {ended}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception error) when (StartupErrors.Explain(error, options) is { } line)
        {
            await Console.Error.WriteLineAsync($"vio server: {line}");
            return 1;
        }
    }

    /// <summary>Starts a server; completes when it takes requests.</summary>
    /// <exception cref="StartupException">It cannot start. Other exceptions: see <see
    /// cref="StartupErrors"/>.</exception>
    public static async Task<ServerProcess> StartAsync(ServerOptions options, TimeProvider clock,
        CancellationToken cancel)
    {
        var server = new ServerProcess(options);
        try
        {
            await server.StartPartsAsync(clock, cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            using var late = new CancellationTokenSource(StopWithin);
            await app.StopAsync(late.Token);
            await app.DisposeAsync();
        }
        while (_owned.TryPop(out var part))
            await part.DisposeAsync();
        _peers?.Dispose();
    }

    private async Task StartPartsAsync(TimeProvider clock, CancellationToken cancel)
    {
        var data = DataDirectory.Open(Options);
        _owned.Push(data);
        var store = await Options.StoreAddress.OpenAsync(clock);
        _owned.Push(store);
        var authority = await OpenSiteAsync(data, store, clock);
        var leaf = new ServerLeaf(authority, Options, clock);
        var peers = Options.StoreAddress.Postgres is null
            ? null : new PeerClient(ActorsOfSite.Codec, leaf, authority.Trust, clock);
        _peers = peers;
        var agents = new AgentConnections(clock);
        var grace = TimeSpan.FromSeconds(Options.HostGraceSeconds);
        var system = ActorsOfSite.Create(
            store, clock, Options.Placement, PlaceOf(peers),
            new AgentEffectHandler(agents, grace, clock), new SwitchEffectHandler(agents));
        _owned.Push(system);
        var actors = new SiteActors(system, authority.Trust.Site, clock);
        var snapshots = new SnapshotFiles(Path.Combine(Options.DataDirectory, "adaptation"));
        system.AddEffects(new AdaptRoundHandler(
            actors, new AgentSamples(new SampleReader(agents, clock)), snapshots, clock))
            .AddEffects(new AdaptChangeHandler(actors, clock));
        var guard = new StoreGuard(
            store, new StoreMarks(store, authority), MarkFile.Open(Options.DataDirectory), system);
        await guard.LookAsync();
        await system.StartAsync(cancel);
        if (!system.Stats.IsServing && guard.Behind is null)
            throw new StartupException($"The actors do not start: {system.Stats.Reason}",
                "See the log; the store is untouched.");
        if (guard.Behind is null)
            await FirstStart.EnsureAsync(actors, Options, cancel);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "vio" });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Logging.AddSimpleConsole(console =>
            (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) =
            (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", true));
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // Why a start failed is told once, by StartupErrors, and not before that with a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services
            .AddConfiguration(Options, clock)
            .AddSecurity(authority, leaf)
            .AddActors(store, system, authority.Trust.Site)
            .AddAgents(agents, grace)
            .AddAdaptation(snapshots)
            .AddCluster(peers)
            .AddRestore(guard)
            .AddImages(Options)
            .AddApi()
            .AddListeners();
        _app = builder.Build();
        _app.UseVioApi();
        await _app.StartAsync(cancel);
        data.OpenSocketToAll();
        var log = _app.Services.GetRequiredService<ILogger<ServerProcess>>();
        var listeners = _app.Services.GetRequiredService<Listeners>();
        log.Serving(Options.Name, authority.Trust.Site.Value, Options.ApiSocket ?? "-", listeners.ApiAddress ?? "-",
            listeners.FabricAddress);
    }

    /// <summary>Opens the site's keys, and binds the store to the site: two sites on one store would mix.</summary>
    private async Task<SiteAuthority> OpenSiteAsync(DataDirectory data, SqlStore store, TimeProvider clock)
    {
        var authority = data.OpenAuthority(await store.LabelAsync(), clock);
        var (site, owner) = (authority.Trust.Site.Value, await store.LabelAsync(authority.Trust.Site.Value));
        return owner == site ? authority : throw new StartupException(
            $"The store belongs to site {owner}, and {Options.DataDirectory} holds the keys of site {site}.",
            "Give each site a store of its own.");
    }

    /// <summary>
    /// Its place among the servers that share the store; null on a store that only one can have open.
    /// </summary>
    private ServerPlace? PlaceOf(PeerClient? peers) => peers is null ? null : new ServerPlace(
        Options.ServerName, () => _app?.Services.GetRequiredService<Listeners>().OpenFabricAddress ?? "", peers);

    /// <summary>Waits for the stop, or for the end of the actors; then the reason is the result.</summary>
    private async Task<string?> WaitAsync(CancellationToken stop)
    {
        var index = Services.GetRequiredService<OperationIndex>();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(stopped.SetResult);
        // The index follows the journal; the journal ends only with the actors.
        var actors = index.ExecuteTask ?? Task.CompletedTask;
        return await Task.WhenAny(stopped.Task, actors) == actors && !stop.IsCancellationRequested
            ? $"The actors ended: {Services.GetRequiredService<SiteActors>().Stats.Reason} "
                + "Start the server again; nothing that was answered is lost."
            : null;
    }
}
