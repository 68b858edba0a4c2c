using VioActors.Contracts;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Actors.Host;

/// <summary>Every refusal and failure of a host's actor: names the thing, the limit and the next step.</summary>
internal static class HostRefusals
{
    internal static Refusal Forbidden(object message, ActorKey? sender, Principal by) => sender is { } from
        ? new(FailureCode.Forbidden, $"The host takes no {message.GetType().Name} from {from}.",
            "Send it from the environment it speaks of; people use the API.")
        : new(FailureCode.Forbidden, $"'{by.Name}' may not use {message.GetType().Name} on a host: the role "
            + $"{by.Role.ToString().ToLowerInvariant()} does not allow it.",
            "Ask an operator or administrator of the site.");

    internal static Refusal WrongHost(HostId said, string self) => new(
        "wrong-host", $"The message is for host '{said}' but reached '{self}'.", "Address the actor of that host.");

    internal static Refusal StillConnected(string name) => new(
        "host-connected",
        $"Host '{name}' is connected right now, so it is not off; only a host that is away is fenced.",
        "Stop the machine or its agent first, check that it is off, then declare it fenced.");

    internal static Failure Unreachable(HostState state) => state.Presence switch
    {
        HostPresence.New => new(FailureCode.HostUnreachable, $"Host '{state.ShownName()}' never connected.",
            "Start its agent: 'vio agent'."),
        HostPresence.Fenced =>
            new(FailureCode.HostUnreachable, $"Host '{state.ShownName()}' is fenced: it counts as off.",
            "Use another host, or start its agent to bring it back."),
        _ => new(FailureCode.HostUnreachable, $"Host '{state.ShownName()}' is away: its agent is not connected.",
            "Start its agent, or declare the host fenced when it is off: 'vio host fenced NAME --yes'."),
    };

    internal static Failure FencedMeanwhile(HostState state) => new(
        FailureCode.HostUnreachable, $"Host '{state.ShownName()}' was fenced before its agent answered.",
        "Start the node elsewhere.");

    internal static Failure AgentFailed(HostState state, EffectFailed failed) => new(
        FailureCode.HostUnreachable,
        $"The agent of host '{state.ShownName()}' gave no answer ({failed.Code}: {failed.Reason}).",
        "See what the host runs now, then try again.");

    internal static Failure NoMemory(HostState state, NodeId node, int needMiB, long freeMiB) => new(
        FailureCode.NoCapacity,
        $"Node '{node}' needs {needMiB} MiB of memory, overhead included; host '{state.ShownName()}' has "
            + $"{freeMiB} MiB free of {state.Facts!.MemoryMiB}.",
        "Ask for less, use another host, or free room on this one.");

    internal static Failure NoDisk(HostState state, NodeId node, long needMiB, long freeMiB) => new(
        FailureCode.NoCapacity,
        $"Node '{node}' needs {needMiB} MiB of disk; host '{state.ShownName()}' has {freeMiB} MiB free of "
            + $"{state.Facts!.DiskMiB}.", "Ask for less, use another host, or free room on this one.");

    internal static Failure BadAmount(Book ask) => new(
        "bad-amount",
        $"Node '{ask.Node}' asks for {ask.MemoryMiB} MiB of memory, {ask.Vcpus} vcpus and {ask.DiskMiB} MiB "
            + "of disk; at least 1, 1 and 0 are needed.", "Correct the amounts.");

    internal static Failure TooManyBookings(HostState state) => new(
        FailureCode.NoCapacity, $"Host '{state.ShownName()}' has {HostLimits.Bookings} bookings, which is the most.",
        "Use another host.");

    internal static Failure NotYours(HostState state, NodeId node) => new(
        "booked-by-other", $"Node '{node}' is booked on host '{state.ShownName()}' by another environment.",
        "Use the environment that owns the node.");

    internal static Failure NotBooked(HostState state, NodeId node, long needMiB, int bookedMiB) => new(
        "not-booked", $"Node '{node}' would take {needMiB} MiB on host '{state.ShownName()}', overhead included, but "
            + $"{bookedMiB} MiB are booked for it.", "Book the room first.");

    internal static Failure Busy(HostState state) => new(
        "busy", $"Host '{state.ShownName()}' has {HostLimits.CommandsInFlight} commands on their way, which is "
            + "the most.",
        "Try again when some have ended.");

    internal static Failure RequestTaken(string requestId) => new(
        "request-taken", $"Another environment waits for a command under the request id '{requestId}'.",
        "Use a fresh request id.");
}
