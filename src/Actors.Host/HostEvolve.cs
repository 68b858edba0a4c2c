using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Actors.Host;

/// <summary>The state after an event: total, and free of decisions.</summary>
internal static class HostEvolve
{
    internal static HostState Apply(HostState state, object @event) => @event switch
    {
        HostCame e => state with { Presence = HostPresence.Connected, Facts = e.Facts, Site = e.Site },
        HostWent => state with { Presence = HostPresence.Away },
        HostBooked e => state.With(e.Node, new Booking(e.Environment, e.MemoryMiB, e.Vcpus, e.DiskMiB)),
        HostNodesBooked e => e.Rooms.Aggregate(state, (ledger, room) => ledger.With(
            room.Node, new Booking(e.Environment, room.MemoryMiB, room.Vcpus, room.DiskMiB))),
        HostUnbooked e => state.With(e.Node, booking: null),
        CommandSent e => state with
        {
            Commands = state.Commands.SetItem(e.RequestId, new PendingCommand(e.Environment, e.Node)),
        },
        CommandEnded e => state with { Commands = state.Commands.Remove(e.RequestId) },
        HostWasFenced => state with
        {
            Presence = HostPresence.Fenced,
            Bookings = ImmutableSortedDictionary<NodeId, Booking>.Empty,
            Booked = new BookedSum(0, 0, 0),
        },
        _ => throw new InvalidOperationException($"A host has no event {@event.GetType().Name}."),
    };

    internal static HostState Fold(HostState state, Decision decision) =>
        decision.Events.Aggregate(state, Apply);
}
