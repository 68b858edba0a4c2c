using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VioActors.Runtime;

namespace VioActors.Embedding;

/// <summary>
/// The actors of this application: take it as a service. They start with the application, before it takes requests,
/// and stop gracefully with it: the commit in flight ends, and the shards are given up. Thread-safe.
/// </summary>
public sealed class ActorHost : IHostedService
{
    private readonly VioActorsOptions _options;
    private readonly IServiceProvider _services;
    private readonly TimeProvider _clock;
    private readonly ILogger<ActorHost> _log;
    private IStore? _store;
    private ActorSystem? _system;

    internal ActorHost(
        VioActorsOptions options, IServiceProvider services, TimeProvider clock, ILogger<ActorHost> log)
    {
        _options = options;
        _services = services;
        _clock = clock;
        _log = log;
    }

    /// <summary>The running system, for what this class does not offer itself.</summary>
    /// <exception cref="InvalidOperationException">The application has not started yet.</exception>
    public ActorSystem System => _system ?? throw new InvalidOperationException(
        "The actors have not started: they start with the application.");

    /// <summary>Health and counters; says why when the actors do not serve.</summary>
    public SystemStats Stats => _system?.Stats ?? SystemStats.None;

    /// <inheritdoc cref="ActorSystem.AskAsync"/>
    public Task<AskResult> AskAsync(
        ActorKey to, object message, string principal, string? idempotencyKey = null,
        CancellationToken cancel = default) =>
        System.AskAsync(to, message, principal, idempotencyKey, cancel);

    /// <inheritdoc cref="ActorSystem.ReadAsync"/>
    public Task<TState?> ReadAsync<TState>(ActorKey actor, CancellationToken cancel = default) where TState : class =>
        System.ReadAsync<TState>(actor, cancel);

    /// <inheritdoc/>
    async Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        _store = await _options.OpenAsync(_services, _clock);
        try
        {
            var system = _options.Build(_services, _store, _clock);
            _system = system;
            await system.StartAsync(cancellationToken).WaitAsync(_options.StartWithin, _clock, cancellationToken);
            _log.Started(system.Stats.ShardsOwned, system.Stats.ShardCount);
        }
        catch (TimeoutException late)
        {
            var reason = Stats.Reason;
            await StopAsync();
            throw new TimeoutException(
                $"The actors did not start within {_options.StartWithin}: {reason} "
                + "Another process may have the store; end it, or give this one a store of its own.", late);
        }
        catch
        {
            await StopAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    async Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        _log.Stopped();
    }

    private async Task StopAsync()
    {
        if (_system is { } system)
            await system.DisposeAsync();
        if (Interlocked.Exchange(ref _store, null) is { } store)
            await store.DisposeAsync();
    }
}
