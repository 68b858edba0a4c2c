using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt.Events;

/// <summary>What libvirt calls on the event-loop thread. Nothing here blocks, and no exception leaves into C.</summary>
/// <remarks>C holds a number, not a pointer to our memory: a callback that arrives after its connection was disposed
/// finds no sink and does nothing, so there is no lifetime to get wrong.</remarks>
// SAFETY: pointers are borrowed from libvirt for the length of a callback; what is needed is copied, none is kept.
internal static unsafe class EventCallbacks
{
    private static readonly ConcurrentDictionary<nint, EventSink> Sinks = new();
    private static readonly CallName Call = new("read event", null);
    private static long lastTicket;

    /// <summary>Makes a sink known under a number that is never used again.</summary>
    internal static nint Add(EventSink sink)
    {
        var ticket = (nint)Interlocked.Increment(ref lastTicket);
        Sinks[ticket] = sink;
        return ticket;
    }

    /// <summary>Later callbacks with this number do nothing.</summary>
    internal static void Remove(nint ticket) => Sinks.TryRemove(ticket, out _);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int OnLifecycle(nint connection, nint domain, int change, int detail, nint ticket)
    {
        Deliver(ticket, () => new LifecycleEvent(DomainIdentity.IdOf(domain, Call), DomainIdentity.NameOf(domain),
            (LifecycleChange)change, detail));
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void OnBalloon(nint connection, nint domain, ulong kib, nint ticket) =>
        Deliver(ticket, () => new BalloonEvent(DomainIdentity.IdOf(domain, Call), (long)kib * 1024));

    // SAFETY: libvirt passes count parameters that stay its own and live during the callback; they are copied.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void OnJobCompleted(nint connection, nint domain, TypedParameter* values, int count, nint ticket) =>
        Deliver(ticket, () => new JobCompletedEvent(DomainIdentity.IdOf(domain, Call),
            JobProgress.From(JobKind.Completed, TypedValues.Copy(values, count))));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void OnClosed(nint connection, int reason, nint ticket)
    {
        if (Sinks.TryGetValue(ticket, out var sink))
            sink.Close((CloseReason)reason);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void OnTick(int timer, nint ticket)
    {
        // The loop only needs something to wake up for.
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void OnError(nint data, nint error)
    {
        // Errors reach the caller as exceptions; without this, libvirt also prints them to standard error.
    }

    private static void Deliver(nint ticket, Func<LibvirtEvent> make)
    {
        if (!Sinks.TryGetValue(ticket, out var sink))
            return;
        try
        {
            sink.Add(make());
        }
        catch (Exception)
        {
            // An exception must not cross into C; the loss is counted and the reader lists the domains again.
            sink.CountDropped();
        }
    }
}
