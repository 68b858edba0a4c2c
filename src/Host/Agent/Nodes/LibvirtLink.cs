using System.Collections.Concurrent;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Libvirt;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// The connection to this host's libvirtd, made again when it broke, with libvirt's failures as the agent's. Keeps the
/// figures of moves that ended here, which come as events. Thread-safe.
/// </summary>
/// <remarks>
/// What a libvirtd that was killed does with the machines its successor finds, libvirt's rules and not ours: one that
/// had started goes on; one in the middle of its start, or in the middle of coming here, is ended; one in the middle of
/// leaving stays and its copy is given up, unless the copy was complete. Its successor answers before it has taken back
/// all machines: a state seen then is the last stored one. QEMU's log says <c>reason=daemon</c> of a machine that was
/// ended during that time, also when we asked for its end.
/// </remarks>
internal sealed class LibvirtLink(string uri, string host, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    /// <summary>Code of a failure of libvirt itself, which can be reached.</summary>
    public const string Failed = "libvirt-failed";

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

    private HypervisorException Unreachable(LibvirtException failed) => new(
        "libvirt-unreachable", $"libvirtd of host {host} is gone or does not answer: {failed.Message}.",
        "See that libvirtd runs there; what was done is observed when it is back.", failed);

    private HypervisorException Translate(LibvirtException failed)
    {
        if (failed.Failure is LibvirtFailure.ConnectionLost or LibvirtFailure.Timeout) return Unreachable(failed);
        var (code, remedy) = failed.Failure switch
        {
            LibvirtFailure.Busy => ("libvirt-busy", "Try again."),
            LibvirtFailure.LibraryMissing => ("libvirt-missing", "Install the package libvirt0 on the host."),
            _ when failed.NativeCode == (int)LibvirtCode.OperationAborted =>
                ("move-aborted", "Move it again if it should move."),
            _ => (Failed, $"See the log of libvirtd on host {host}."),
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
        catch (LibvirtException none) when (none.Failure == LibvirtFailure.Native)
        {
            throw Unreachable(none);
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
