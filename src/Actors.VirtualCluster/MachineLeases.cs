using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// A connected machine that is not heard of for the time of its lease is taken out as if it had left. The lease is
/// a durable timer and nothing else: a renewal replaces it and leaves no event. Only silence that this server listened
/// to counts, so who takes over after a crash starts the time anew.
/// </summary>
internal static class MachineLeases
{
    /// <summary>If a timer comes so much later than asked for, nobody heard renewals meanwhile either.</summary>
    public static readonly TimeSpan Slept = TimeSpan.FromSeconds(5);

    /// <summary>Starts the machine's time, again if it ran; without a lease there is none.</summary>
    public static void Begin(Turn turn, MachineConnection machine)
    {
        if (machine.LeaseSeconds is { } seconds) Wake(turn, machine, turn.Info.Now.AddSeconds(seconds));
        else End(turn, machine);
    }

    /// <summary>There is nothing to wait for.</summary>
    public static void End(Turn turn, MachineConnection machine) => turn.Unwake(Timer(machine));

    /// <summary>The time is over: the machine leaves, unless it could not be heard all the while.</summary>
    public static void Over(Turn turn, MachineLeaseOver over)
    {
        if (turn.State.Machines.GetValueOrDefault(over.Name) is not { LeaseSeconds: { } seconds } machine
            || machine.Node != over.Node)
            return;
        var (now, listening) = (turn.Info.Now, turn.Info.Since);
        if (now - over.Due > Slept) listening = now;
        var ends = listening.AddSeconds(seconds);
        if (ends > now)
            Wake(turn, machine, ends);
        else
            Machines.Leave(
                turn, machine, Principal.System.ToString(), EnvironmentRefusals.NotHeardOf(machine, seconds));
    }

    private static void Wake(Turn turn, MachineConnection machine, DateTimeOffset ends) => turn.Wake(
        Timer(machine), ends - turn.Info.Now, new MachineLeaseOver(machine.Name, machine.Node, ends));

    private static string Timer(MachineConnection machine) => "lease/" + machine.Node;
}
