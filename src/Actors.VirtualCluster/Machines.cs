using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// Hosts' own machines as nodes that nobody runs: an address from the top of the subnet, where no node is put, and a
/// port on that host. For operators only, because it opens the host to the environment's nodes.
/// </summary>
internal static class Machines
{
    /// <summary>Most of one environment.</summary>
    internal const int Most = 16;

    public static Decision Decide(Turn turn, object message)
    {
        var state = turn.State;
        var who = Principal.Parse(turn.Info.Principal);
        if (!state.Exists || !who.MaySee(state.Owner)) return EnvironmentRefusals.Missing(state);
        if (!who.MayOperateHosts) return EnvironmentRefusals.NoHosts(state, who);
        return message switch
        {
            ConnectMachine connect => Connect(turn, connect),
            RenewMachine renew => Renew(turn, renew),
            DisconnectMachine disconnect => Disconnect(turn, disconnect),
            _ => throw new InvalidOperationException($"No rule for {message.GetType().Name}."),
        };
    }

    /// <summary>Why a new node cannot be what its spec says; null when it can.</summary>
    public static Failure? Obstacle(EnvironmentState state, NodeSpec node)
    {
        var same = state.Machines.Values.FirstOrDefault(
            machine => machine.Name == node.Name || machine.Ip == node.Ip || machine.Mac == node.Mac);
        return same is null ? null : EnvironmentRefusals.Of(EnvironmentRefusals.MachineConnected(state, same).Refusal!);
    }

    /// <summary>Takes a machine out, whoever wants it.</summary>
    public static void Leave(Turn turn, MachineConnection machine, string by, Failure? why)
    {
        turn.Record(new MachineDisconnected(machine.Name, by, why));
        MachineLeases.End(turn, machine);
        turn.Tell(turn.Network, new Unplug(Request(turn), [machine.Node]));
    }

    private static Decision Connect(Turn turn, ConnectMachine ask)
    {
        var state = turn.State;
        if (!NameRule.Accepts(ask.Name))
            return EnvironmentRefusals.MachineName(state, ask.Name, NameRule.Problem(ask.Name));
        if (state.Nodes.Values.Any(node => node.Spec.Name == ask.Name))
            return EnvironmentRefusals.MachineName(state, ask.Name, "is a node's");
        if (ask.LeaseSeconds is < MachineLease.ShortestSeconds or > MachineLease.LongestSeconds)
            return EnvironmentRefusals.LeaseOutOfRange(state, ask.Name, ask.LeaseSeconds.Value);
        if (state.Machines.TryGetValue(ask.Name, out var machine))
        {
            if (machine.Host != ask.Host)
                return EnvironmentRefusals.MachineName(state, ask.Name, "is another host's");
            machine = machine with { LeaseSeconds = ask.LeaseSeconds };
        }
        else
        {
            if (state.Machines.Count >= Most) return EnvironmentRefusals.NoRoomForMachine(state, $"it has {Most}");
            if (FreeIp(state) is not { } ip)
                return EnvironmentRefusals.NoRoomForMachine(state, $"no address of {state.Subnet} is left");
            var node = NodeId.Of(turn.Info.DeriveId("machine"));
            machine = new MachineConnection(
                node, ask.Name, ask.Host, Addresses.MacOf(node), ip, ask.LeaseSeconds);
        }

        if (state.Machines.GetValueOrDefault(ask.Name) != machine)
            turn.Record(new MachineConnected(machine, turn.Info.Principal));
        MachineLeases.Begin(turn, machine);
        turn.Tell(turn.Network, new CreateNetwork(state.Id, state.Subnet, state.Name));
        turn.Tell(turn.Network, new Plug(
            Request(turn), [new PlugItem(machine.Node, machine.Mac, machine.Ip, machine.Host, machine.Name, true)]));
        turn.Answer(machine);
        return turn.Decision;
    }

    private static Decision Renew(Turn turn, RenewMachine ask)
    {
        if (turn.State.Machines.GetValueOrDefault(ask.Name) is not { } machine || machine.Node != ask.Node)
            return EnvironmentRefusals.NotConnected(turn.State, ask.Name);
        MachineLeases.Begin(turn, machine);
        turn.Answer(machine);
        return turn.Decision;
    }

    private static Decision Disconnect(Turn turn, DisconnectMachine ask)
    {
        if (!turn.State.Machines.TryGetValue(ask.Name, out var machine))
            return EnvironmentRefusals.NoMachine(turn.State, ask.Name);
        Leave(turn, machine, turn.Info.Principal, why: null);
        turn.Answer(machine);
        return turn.Decision;
    }

    // No operation waits for the answer: who asked sees the interface come, or not.
    private static string Request(Turn turn) => $"machine/{turn.Info.DeriveId("machine-request"):N}";

    private static string? FreeIp(EnvironmentState state)
    {
        var plan = SubnetPlan.Read(state.Subnet, out var problem)
            ?? throw new InvalidOperationException($"{state.Subnet} {problem}, and the site checks subnets.");
        var taken = state.Nodes.Values.Select(node => node.Ip)
            .Concat(state.Machines.Values.Select(machine => machine.Ip)).ToHashSet(StringComparer.Ordinal);
        for (var next = plan.LastNode; next >= plan.FirstNode; next--)
        {
            if (!taken.Contains(Ipv4.Format(next)))
                return Ipv4.Format(next);
        }

        return null;
    }
}
