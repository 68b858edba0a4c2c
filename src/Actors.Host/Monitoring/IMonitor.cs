using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Monitoring;

/// <summary>What was measured lately of one host and its nodes. Thread-safe.</summary>
public interface IMonitor
{
    /// <summary>
    /// The samples after a time of this host's clock, null for all that are kept. Of many nodes only the newest
    /// samples are given, so that the answer fits into one frame.
    /// </summary>
    HostSamples Since(DateTimeOffset? since);
}
