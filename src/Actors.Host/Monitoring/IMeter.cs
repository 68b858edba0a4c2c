namespace VioActors.Actors.Host.Monitoring;

/// <summary>Reads the counters of one host. Called by one <see cref="HostMonitor"/> only.</summary>
public interface IMeter
{
    /// <summary>The whole host; answers at once. May throw what reading files throws.</summary>
    HostCounters ReadHost();

    /// <summary>
    /// The nodes that execute here; may take long, and is not called again before it has ended. Ends with a
    /// <see cref="Agent.HypervisorException"/> when the hypervisor cannot be asked.
    /// </summary>
    Task<IReadOnlyList<NodeCounters>> ReadNodesAsync(CancellationToken cancel);
}
