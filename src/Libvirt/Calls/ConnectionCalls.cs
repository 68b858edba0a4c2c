using VioActors.Libvirt.Native;

namespace VioActors.Libvirt.Calls;

/// <summary>How every operation reaches libvirt: on a worker, bounded in time, refused once the connection is
/// broken.</summary>
internal sealed class ConnectionCalls : IDisposable
{
    private readonly ConnectHandle connection;
    private readonly NativeWorkers ordinary;
    private readonly NativeWorkers migrations;
    private string? broken;

    internal ConnectionCalls(ConnectHandle connection, LibvirtOptions options)
    {
        this.connection = connection;
        Options = options;
        ordinary = new NativeWorkers("call", options.Workers, options.QueueLimit, options.Time);
        migrations = new NativeWorkers("move", options.ParallelMigrations, options.QueueLimit, options.Time);
    }

    /// <summary>The limits in force.</summary>
    internal LibvirtOptions Options { get; }

    /// <summary>Why the connection must not be used any more, or null.</summary>
    internal string? Broken => Volatile.Read(ref broken);

    /// <summary>From now on every call fails at once with this reason; the first reason stays.</summary>
    internal void Break(string reason) => Interlocked.CompareExchange(ref broken, reason, null);

    /// <summary>A call about the connection or host.</summary>
    internal Task<T> RunAsync<T>(
        CallName call, Func<ConnectHandle, CallName, T> body, CancellationToken cancel, TimeSpan? limit = null) =>
        RunOnAsync(ordinary, call, body, limit ?? Options.CallTimeout, cancel);

    /// <summary>A call about one domain, looked up by its id on the worker.</summary>
    internal Task<T> RunAsync<T>(CallName call, Func<DomainHandle, CallName, T> body, CancellationToken cancel) =>
        RunOnAsync(ordinary, call, OnDomain(body), Options.CallTimeout, cancel);

    /// <summary>A call that blocks for as long as a migration takes; it has threads of its own.</summary>
    internal Task<T> RunLongAsync<T>(
        CallName call, Func<DomainHandle, CallName, T> body, TimeSpan limit, CancellationToken cancel) =>
        RunOnAsync(migrations, call, OnDomain(body), limit, cancel);

    private Task<T> RunOnAsync<T>(NativeWorkers workers, CallName call, Func<ConnectHandle, CallName, T> body,
        TimeSpan limit, CancellationToken cancel)
    {
        if (Broken is { } reason)
            throw new LibvirtException(LibvirtFailure.ConnectionLost, call, $"{reason}; open a new connection");
        return workers.RunAsync(call, () => Execute(call, body), limit,
            () => Break($"{call.Operation} did not return within {limit.TotalSeconds} s"), cancel);
    }

    private T Execute<T>(CallName call, Func<ConnectHandle, CallName, T> body)
    {
        try
        {
            return body(connection, call);
        }
        catch (LibvirtException failure) when (failure.Failure == LibvirtFailure.Native
            && NativeConnect.virConnectIsAlive(connection) != 1)
        {
            // libvirt words a lost connection in many ways; whether it is alive is asked locally and says it for sure.
            Break("the connection to libvirtd was lost");
            throw new LibvirtException(LibvirtFailure.ConnectionLost, call, failure.Reason, failure.NativeCode,
                failure.NativeDomain, failure);
        }
    }

    private static Func<ConnectHandle, CallName, T> OnDomain<T>(Func<DomainHandle, CallName, T> body) =>
        (connection, call) =>
        {
            using var domain = DomainIdentity.Find(connection, call);
            return body(domain, call);
        };

    /// <summary>Takes no more calls; does not wait for those that run.</summary>
    public void Dispose()
    {
        ordinary.Dispose();
        migrations.Dispose();
    }
}
