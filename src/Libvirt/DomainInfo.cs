namespace VioActors.Libvirt;

/// <summary>A domain as libvirt sees it at one moment.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Name">Its name on this host.</param>
/// <param name="State">What it does.</param>
/// <param name="Reason">libvirt's reason code; its meaning depends on the state (for example 5 of Paused is an I/O
/// error,
/// 3 of Shutoff is a finished migration).</param>
public sealed record DomainInfo(Guid Id, string Name, DomainState State, int Reason)
{
    /// <summary>True while a QEMU process holds this domain, whether its CPUs run or not.</summary>
    public bool IsActive => State is not (DomainState.Shutoff or DomainState.Crashed or DomainState.None);
}

/// <summary><c>virDomainState</c>.</summary>
public enum DomainState
{
    /// <summary>Not known.</summary>
    None = 0,

    /// <summary>Running.</summary>
    Running = 1,

    /// <summary>Waiting for a resource (not used by QEMU).</summary>
    Blocked = 2,

    /// <summary>CPUs stopped: by request, while a migration ends, or after an I/O error.</summary>
    Paused = 3,

    /// <summary>Shutting down.</summary>
    Shutdown = 4,

    /// <summary>Not running.</summary>
    Shutoff = 5,

    /// <summary>Crashed.</summary>
    Crashed = 6,

    /// <summary>Suspended by the guest's own power management.</summary>
    Suspended = 7,
}
