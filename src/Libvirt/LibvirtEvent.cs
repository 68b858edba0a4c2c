namespace VioActors.Libvirt;

/// <summary>Something that happened on a connection, in the order libvirt told it.</summary>
public abstract record LibvirtEvent;

/// <summary>A domain started, stopped, paused or went on.</summary>
/// <param name="Domain">Its UUID.</param>
/// <param name="Name">Its name.</param>
/// <param name="Change">What happened.</param>
/// <param name="Detail">libvirt's detail code; <see cref="BecauseOfMigration"/> reads the one that moves need.</param>
public sealed record LifecycleEvent(Guid Domain, string Name, LifecycleChange Change, int Detail) : LibvirtEvent
{
    /// <summary>True when a migration caused this: arrival at the target, pause or end at the source.</summary>
    public bool BecauseOfMigration => (Change, Detail) is
        (LifecycleChange.Started, 1) or (LifecycleChange.Suspended, 1) or (LifecycleChange.Resumed, 1)
        or (LifecycleChange.Stopped, 3);

    /// <summary>True when the domain is gone from this host, for whatever reason.</summary>
    public bool IsEnd => Change is LifecycleChange.Stopped or LifecycleChange.Crashed;

    /// <summary>True when the domain stopped because it or its QEMU process crashed or failed.</summary>
    public bool IsCrash => Change == LifecycleChange.Crashed || (Change, Detail) is (LifecycleChange.Stopped, 2 or 5);
}

/// <summary>The balloon reached a new size: the memory the guest now has.</summary>
/// <param name="Domain">Its UUID.</param>
/// <param name="Bytes">Memory of the guest in bytes.</param>
public sealed record BalloonEvent(Guid Domain, long Bytes) : LibvirtEvent;

/// <summary>A job (a migration) ended on this host; sent to the source, and only when it succeeded.</summary>
/// <param name="Domain">Its UUID.</param>
/// <param name="Job">Final figures.</param>
public sealed record JobCompletedEvent(Guid Domain, JobProgress Job) : LibvirtEvent;

/// <summary>The connection ended; always the last event. Open a new one, list the domains, go on.</summary>
/// <param name="Reason">Why.</param>
public sealed record ConnectionClosedEvent(CloseReason Reason) : LibvirtEvent;

/// <summary><c>virDomainEventType</c>.</summary>
public enum LifecycleChange
{
    /// <summary>Configuration stored (not used by transient domains).</summary>
    Defined = 0,

    /// <summary>Configuration removed.</summary>
    Undefined = 1,

    /// <summary>Started: booted, or arrived by migration.</summary>
    Started = 2,

    /// <summary>CPUs stopped.</summary>
    Suspended = 3,

    /// <summary>CPUs run again.</summary>
    Resumed = 4,

    /// <summary>The domain is gone from this host.</summary>
    Stopped = 5,

    /// <summary>The guest began or finished its own shutdown.</summary>
    Shutdown = 6,

    /// <summary>Suspended by the guest's power management.</summary>
    PowerSuspended = 7,

    /// <summary>The guest crashed.</summary>
    Crashed = 8,
}

/// <summary>Why a connection ended.</summary>
public enum CloseReason
{
    /// <summary>I/O error on the socket.</summary>
    Error = 0,

    /// <summary>libvirtd closed the socket, or died.</summary>
    EndOfFile = 1,

    /// <summary>libvirtd did not answer signs of life.</summary>
    KeepAlive = 2,

    /// <summary>This side closed it.</summary>
    Client = 3,
}
