using VioActors.Contracts;
using VioActors.Contracts.Hosts;
using VioActors.Simulation;

namespace VioActors.TestKit;

/// <summary>A simulated host of a <see cref="TestSite"/>, and its agent.</summary>
public sealed class TestHost
{
    private readonly TestSite _site;

    internal TestHost(TestSite site, HostId id) => (_site, Id) = (site, id);

    /// <summary>Its id.</summary>
    public HostId Id { get; }

    /// <summary>What really is on it: machines, disks; and calls that shall fail.</summary>
    public SimHost Real => _site.World.Find(Id)!;

    /// <summary>It loses its power at once and stays off until <see cref="BringBack"/>.</summary>
    public void PowerOff() => _site.Sim.PowerOff(Id);

    /// <summary>Its agent cannot be reached until <see cref="BringBack"/>; its machines go on.</summary>
    public void Disconnect() => _site.Sim.Disconnect(Id);

    /// <summary>It is on and its agent is connected again.</summary>
    public void BringBack() => _site.Wait($"bringing back host {Id}", () => _site.Sim.BringBackAsync(Id));

    /// <summary>Its agent dies without a word; another says hello a moment later. Machines go on.</summary>
    public void CrashAgent() => _site.Sim.CrashAgent(Id);

    /// <summary>An administrator declares it off: what it ran may start elsewhere.</summary>
    /// <exception cref="TestKitException">It is refused, as while the host is connected.</exception>
    public void Fence() => _site.Ask(ActorKinds.Host, Id.Value, new FenceHost(Id)).Done();
}
