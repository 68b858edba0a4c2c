using VioActors.Libvirt.Events;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt.Calls;

/// <summary>An open connection with its keep-alive and callbacks. Opening and disposing block: workers only.</summary>
internal sealed class OpenedConnection : IDisposable
{
    private readonly EventSubscription subscription;

    private OpenedConnection(ConnectHandle handle, EventSubscription subscription)
    {
        Handle = handle;
        this.subscription = subscription;
    }

    /// <summary>Owned by this object.</summary>
    internal ConnectHandle Handle { get; }

    /// <summary>Connects, asks for keep-alives where a daemon is behind it, subscribes to the events.</summary>
    internal static OpenedConnection Open(string uri, LibvirtOptions options, EventSink sink, CallName call)
    {
        var handle = NativeFailure.Check(NativeConnect.virConnectOpen(uri), call);
        try
        {
            var seconds = (int)Math.Ceiling(options.KeepAliveInterval.TotalSeconds);
            if (NativeConnect.virConnectSetKeepAlive(handle, seconds, (uint)options.KeepAliveCount) < 0)
            {
                // Drivers that live in our own process (test:///) have nobody to keep alive.
                var failure = NativeFailure.Last(call);
                if (failure.NativeCode != (int)LibvirtCode.NoSupport)
                    throw failure;
            }
            return new OpenedConnection(handle, EventSubscription.Start(handle, sink, call));
        }
        catch (LibvirtException)
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Takes the callbacks back and closes. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Handle.IsClosed)
            return;
        subscription.Stop(Handle);
        Handle.Dispose();
    }
}
