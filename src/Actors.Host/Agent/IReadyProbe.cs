using VioActors.Contracts;

namespace VioActors.Actors.Host.Agent;

/// <summary>Asks whether a node answers on its environment's network; the host's switch does.</summary>
public interface IReadyProbe
{
    /// <summary>True as soon as the node answered ARP and ICMP of the host's prober; false at the timeout.</summary>
    Task<bool> AwaitReadyAsync(EnvironmentId environment, string ip, TimeSpan timeout, CancellationToken cancel);
}
