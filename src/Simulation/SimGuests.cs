using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Simulation;

/// <summary>What guests of a simulated world do on their network.</summary>
internal static class SimGuests
{
    /// <summary>Whether the guest has come up; call under the gate. Once up it stays so, also through a move.</summary>
    public static bool IsBooted(SimHost host, NodeId node)
    {
        if (host.IsDead || !host.Domains.TryGetValue(node, out var domain)) return false;
        if (!domain.Booted && !host.NeverBootsAny && !host.NeverBoots.Contains(node))
            domain.Booted = host.World.Time.GetUtcNow() - domain.Started >= host.World.Speeds.Boot;
        return domain.Booted;
    }

    /// <summary>
    /// Whether a prober of <paramref name="from"/> gets an answer: the node executes somewhere, both hosts' switches
    /// know the environment, and the asking switch's table sends it to the right host. Call under the gate.
    /// </summary>
    public static bool Answers(SimHost from, EnvironmentId environment, string ip)
    {
        if (from.IsDead || Table(from, environment) is not { } table) return false;
        var entry = table.Entries.FirstOrDefault(entry => entry.Ip == ip);
        if (entry is null) return false;
        foreach (var host in from.World.Hosts)
        {
            if (!host.Executes(entry.Node) || Table(host, environment) is null) continue;
            return (entry.Host == host.Id || entry.PreboundHost == host.Id) && IsBooted(host, entry.Node);
        }
        return false;
    }

    private static SwitchEnvironment? Table(SimHost host, EnvironmentId environment) =>
        host.Applied?.Environments.FirstOrDefault(one => one.Environment == environment);
}
