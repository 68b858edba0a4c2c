using System.Threading.Channels;

namespace VioActors.Libvirt.Events;

/// <summary>Where the event loop puts one connection's events: bounded, never blocks the loop, drops the
/// oldest.</summary>
internal sealed class EventSink
{
    private readonly Channel<LibvirtEvent> channel;
    private readonly TaskCompletionSource<CloseReason> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long dropped;

    internal EventSink(int limit)
    {
        var options = new BoundedChannelOptions(limit) { FullMode = BoundedChannelFullMode.DropOldest };
        channel = Channel.CreateBounded<LibvirtEvent>(options, _ => CountDropped());
    }

    /// <summary>The events, ending after the one that says the connection closed.</summary>
    internal ChannelReader<LibvirtEvent> Reader => channel.Reader;

    /// <summary>Ends when the connection does.</summary>
    internal Task<CloseReason> Closed => closed.Task;

    /// <summary>Events lost to a slow reader or to a fault in a callback.</summary>
    internal long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Adds an event; after the close it is ignored.</summary>
    internal void Add(LibvirtEvent happened) => channel.Writer.TryWrite(happened);

    /// <summary>Ends the stream; the first reason stays.</summary>
    internal void Close(CloseReason reason)
    {
        if (!closed.TrySetResult(reason))
            return;
        channel.Writer.TryWrite(new ConnectionClosedEvent(reason));
        channel.Writer.TryComplete();
    }

    internal void CountDropped() => Interlocked.Increment(ref dropped);
}
