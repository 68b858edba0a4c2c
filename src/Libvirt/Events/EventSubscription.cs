using VioActors.Libvirt.Native;

namespace VioActors.Libvirt.Events;

/// <summary>The callbacks registered for one connection. Made and ended on a worker thread: both talk to
/// libvirtd.</summary>
// SAFETY: the only pointers are addresses of static functions, valid for the life of the process.
internal sealed unsafe class EventSubscription
{
    private readonly nint ticket;
    private readonly List<int> callbacks = [];

    private EventSubscription(EventSink sink) => ticket = EventCallbacks.Add(sink);

    /// <summary>Registers all callbacks, or none.</summary>
    internal static EventSubscription Start(ConnectHandle connection, EventSink sink, CallName call)
    {
        var subscription = new EventSubscription(sink);
        try
        {
            // SAFETY: each callback has the C signature of its event id, is static, and lives as long as the process.
            NativeFailure.Check(NativeEvents.virConnectRegisterCloseCallback(
                connection, &EventCallbacks.OnClosed, subscription.ticket, 0), call);
            delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, int> lifecycle = &EventCallbacks.OnLifecycle;
            delegate* unmanaged[Cdecl]<nint, nint, ulong, nint, void> balloon = &EventCallbacks.OnBalloon;
            delegate* unmanaged[Cdecl]<nint, nint, TypedParameter*, int, nint, void> job =
                &EventCallbacks.OnJobCompleted;
            subscription.Register(connection, NativeEvents.Lifecycle, lifecycle, call);
            subscription.Register(connection, NativeEvents.BalloonChange, balloon, call);
            subscription.Register(connection, NativeEvents.JobCompleted, job, call);
            return subscription;
        }
        catch (LibvirtException)
        {
            subscription.Stop(connection);
            throw;
        }
    }

    // SAFETY: callback is one of the static functions above; a null domain subscribes to all of them.
    private void Register(ConnectHandle connection, int eventId, void* callback, CallName call) => callbacks.Add(
        NativeFailure.Check(
            NativeEvents.virConnectDomainEventRegisterAny(connection, 0, eventId, callback, ticket, 0), call));

    /// <summary>Takes the callbacks back; each holds a reference to the connection that would keep it open.</summary>
    internal void Stop(ConnectHandle connection)
    {
        EventCallbacks.Remove(ticket);
        foreach (var callback in callbacks)
            NativeEvents.virConnectDomainEventDeregisterAny(connection, callback);
        // SAFETY: the same static function that was registered identifies the registration.
        NativeEvents.virConnectUnregisterCloseCallback(connection, &EventCallbacks.OnClosed);
    }
}
