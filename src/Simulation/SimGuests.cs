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
    /// Whether a prober of <paramref name="from"/> gets an answer: its switch's table sends the question to a host
    /// where the node executes, that host's switch has a port for it, and each of the two switches knows the other, so
    /// that the answer finds back. Call under the gate.
    /// </summary>
    public static bool Answers(SimHost from, EnvironmentId environment, string ip)
    {
        if (from.IsDead || Table(from, environment) is not { } asking || Entry(asking, ip) is not { } entry)
            return false;
        foreach (var host in from.World.Hosts)
        {
            if (!host.Executes(entry.Node) || !IsPlace(entry, host.Id)) continue;
            return Table(host, environment) is { } answering
                && Entry(answering, ip) is { } port && port.Node == entry.Node && IsPlace(port, host.Id)
                && Joins(asking, host.Id) && Joins(answering, from.Id) && IsBooted(host, entry.Node);
        }
        return false;
    }

    /// <summary>An environment's table on a host, or null; call under the gate.</summary>
    public static SwitchEnvironment? Table(SimHost host, EnvironmentId environment) =>
        host.Applied?.Environments.FirstOrDefault(one => one.Environment == environment);

    /// <summary>Who has an address in a table, or null.</summary>
    public static SwitchEntry? Entry(SwitchEnvironment table, string ip) =>
        table.Entries.FirstOrDefault(entry => entry.Ip == ip);

    /// <summary>Whether a node has a port on a host: it is there, or may arrive there.</summary>
    public static bool IsPlace(SwitchEntry entry, HostId host) => entry.Host == host || entry.PreboundHost == host;

    private static bool Joins(SwitchEnvironment table, HostId host) => table.Members.Any(one => one.Host == host);
}
