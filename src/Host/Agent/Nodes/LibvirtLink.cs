using System.Collections.Concurrent;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Libvirt;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// The connection to this host's libvirtd, made again when it broke, with libvirt's failures as the agent's. Keeps the
/// figures of moves that ended here, which come as events. Thread-safe.
/// </summary>
internal sealed class LibvirtLink(string uri, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    private const int MaxCompleted = 256;
    private static readonly TimeSpan ReopenPause = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<JobProgress>> _completed = new();
    private readonly CancellationTokenSource _closing = new();
    private LibvirtConnection? _connection;
    private Task _watching = Task.CompletedTask;

    /// <summary>Tells of domains that are gone from this host, though no move took them.</summary>
    public MachineEnds Ends { get; } = new();

    /// <summary>Calls libvirt.</summary>
    /// <exception cref="HypervisorException">libvirt failed or cannot be reached.</exception>
    public async Task<T> CallAsync<T>(Func<LibvirtConnection, Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return await call(await OpenAsync(cancel));
        }
        catch (LibvirtException failed)
        {
            throw Translate(failed);
        }
    }

    /// <summary>Calls libvirt.</summary>
    /// <exception cref="HypervisorException">libvirt failed or cannot be reached.</exception>
    public Task CallAsync(Func<LibvirtConnection, Task> call, CancellationToken cancel) =>
        CallAsync<object?>(async connection => { await call(connection); return null; }, cancel);

    /// <summary>Ends with the final figures of the domain's next job that ends well on this host.</summary>
    public Task<JobProgress> ExpectCompleted(Guid domain)
    {
        if (_completed.Count >= MaxCompleted) _completed.Clear();
        var promise = new TaskCompletionSource<JobProgress>(TaskCreationOptions.RunContinuationsAsynchronously);
        _completed[domain] = promise;
        return promise.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _opening.WaitAsync();
        if (_connection is not null) await _connection.DisposeAsync();
        _opening.Release();
        await _watching;
        _opening.Dispose();
        _closing.Dispose();
    }

    private static HypervisorException Translate(LibvirtException failed)
    {
        var (code, remedy) = failed.Failure switch
        {
            LibvirtFailure.ConnectionLost or LibvirtFailure.Timeout =>
                ("libvirt-unreachable", "See that libvirtd runs; what was done is observed when it is back."),
            LibvirtFailure.Busy => ("libvirt-busy", "Try again."),
            LibvirtFailure.LibraryMissing => ("libvirt-missing", "Install the package libvirt0 on the host."),
            _ when failed.NativeCode == (int)LibvirtCode.OperationAborted =>
                ("move-aborted", "Move it again if it should move."),
            _ => ("libvirt-failed", "See libvirtd's log on the host."),
        };
        return new HypervisorException(code, failed.Message + ".", remedy, failed);
    }

    private async Task<LibvirtConnection> OpenAsync(CancellationToken cancel)
    {
        if (_connection is { Broken: null } good) return good;
        await _opening.WaitAsync(cancel);
        try
        {
            if (_connection is { Broken: null } opened) return opened;
            if (_connection is { } broken) await broken.DisposeAsync();
            _connection = null;
            var connection = await LibvirtConnection.OpenAsync(uri, new LibvirtOptions { Time = clock }, cancel);
            _watching = Task.WhenAll(_watching, WatchAsync(connection));
            return _connection = connection;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task WatchAsync(LibvirtConnection connection)
    {
        var dropped = 0L;
        await foreach (var happened in connection.Events.ReadAllAsync())
        {
            if (connection.EventsDropped > dropped) Ends.Tell(null);
            dropped = connection.EventsDropped;
            switch (happened)
            {
                case JobCompletedEvent ended when _completed.TryRemove(ended.Domain, out var promise):
                    promise.TrySetResult(ended.Job);
                    break;
                case LifecycleEvent { IsEnd: true, BecauseOfMigration: false } end:
                    if (end.IsCrash) log.NodeStopped(end.Domain.ToString("D"), $"{end.Change}, detail {end.Detail}");
                    Ends.Tell(NodeId.Of(end.Domain));
                    break;
            }
        }

        await ReopenAsync();
    }

    /// <summary>Events come only over an open connection; what ended before it was open again was not seen.</summary>
    private async Task ReopenAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(ReopenPause, clock, _closing.Token);
                await OpenAsync(_closing.Token);
                Ends.Tell(null);
                return;
            }
            catch (Exception early) when (early is LibvirtException or OperationCanceledException)
            {
                // Not back yet, or the agent ends. Commands report what libvirt says meanwhile.
            }
        }
    }
}
