using System.Threading.Channels;
using VioActors.Libvirt.Calls;
using VioActors.Libvirt.Events;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>One connection to one libvirt driver. Safe for use from any thread; calls run side by side.</summary>
/// <remarks>A connection that lost its libvirtd, or on which a running call passed its limit, never recovers: every
/// later
/// call fails with <see cref="LibvirtFailure.ConnectionLost"/>. Dispose it, open another, list the domains.</remarks>
public sealed class LibvirtConnection : IAsyncDisposable
{
    private const int OpenThreads = 4;
    private const int OpenQueue = 64;
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);
    private static readonly NativeWorkers Opening = new("open", OpenThreads, OpenQueue, TimeProvider.System);
    private static readonly NativeWorkers Closing = new("close", OpenThreads, OpenQueue, TimeProvider.System);
    private readonly OpenedConnection opened;
    private readonly ConnectionCalls calls;
    private readonly EventSink sink;
    private int disposed;

    private LibvirtConnection(string uri, OpenedConnection opened, LibvirtOptions options, EventSink sink)
    {
        Uri = uri;
        this.opened = opened;
        this.sink = sink;
        calls = new ConnectionCalls(opened.Handle, options);
        Domains = new DomainOperations(calls);
        Resources = new ResourceOperations(calls);
        Migrations = new MigrationOperations(calls);
        Host = new HostOperations(calls);
        _ = BreakWhenClosedAsync();
    }

    /// <summary>The URI it was opened with.</summary>
    public string Uri { get; }

    /// <summary>Create, find, list, stop domains.</summary>
    public DomainOperations Domains { get; }

    /// <summary>Balloon, CPU weight and quota, statistics.</summary>
    public ResourceOperations Resources { get; }

    /// <summary>Live migration and its job.</summary>
    public MigrationOperations Migrations { get; }

    /// <summary>What the host is and can run.</summary>
    public HostOperations Host { get; }

    /// <summary>Events of all domains, one reader at a time; ends after <see cref="ConnectionClosedEvent"/>.</summary>
    public ChannelReader<LibvirtEvent> Events => sink.Reader;

    /// <summary>Events lost because the reader was slow. When it grows, list the domains again.</summary>
    public long EventsDropped => sink.Dropped;

    /// <summary>Ends when the connection does, with the reason; never faults.</summary>
    public Task<CloseReason> Closed => sink.Closed;

    /// <summary>Why this connection cannot be used any more, or null while it can.</summary>
    public string? Broken => calls.Broken;

    /// <summary>Connects.</summary>
    /// <param name="uri">For example <c>qemu+unix:///system?socket=/run/libvirt/libvirt-sock</c>,
    /// <c>test:///default</c>.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="cancel">Stops the waiting; a connection that still comes up is closed.</param>
    /// <exception cref="LibvirtException">libvirtd is not there, refused, did not answer, or the library is
    /// missing.</exception>
    public static async Task<LibvirtConnection> OpenAsync(
        string uri, LibvirtOptions? options = null, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(uri);
        options ??= new LibvirtOptions();
        options.Validate(nameof(options));
        EventLoop.Ensure();
        var call = new CallName($"connect to {uri}", null);
        var events = new EventSink(options.EventLimit);
        var native = await Opening.RunAsync(
            call, () => OpenedConnection.Open(uri, options, events, call), options.OpenTimeout, null, cancel);
        return new LibvirtConnection(uri, native, options, events);
    }

    /// <summary>Closes. Calls that run end on their own; waits at most 5 s for libvirtd to say goodbye.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
            return;
        calls.Break("the connection was closed by us");
        calls.Dispose();
        sink.Close(CloseReason.Client);
        try
        {
            await Closing.RunAsync(new CallName("close", null), CloseNative, CloseLimit, null, CancellationToken.None);
        }
        catch (LibvirtException failure) when (failure.Failure is LibvirtFailure.Timeout or LibvirtFailure.Busy)
        {
            // A libvirtd that does not answer cannot keep us; its socket goes when the stuck call returns.
        }
    }

    private bool CloseNative()
    {
        opened.Dispose();
        return true;
    }

    private async Task BreakWhenClosedAsync()
    {
        var reason = await sink.Closed;
        calls.Break($"libvirtd closed the connection ({reason})");
    }
}
