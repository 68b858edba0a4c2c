using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Host;

/// <summary>The arithmetic of promises: a host never promises more memory or disk than it has.</summary>
internal static class HostLedger
{
    internal static Decision Book(HostState state, Book ask)
    {
        BookAnswer Answer(Failure? failure) => new(ask.RequestId, state.Host, ask.Node, state.Facts, failure);

        var asker = new ActorKey(ActorKinds.Environment, ask.Environment.Value);
        if (Refuse(state, ask) is { } failure)
            return Decision.Nothing.Tell(asker, Answer(failure));
        var booking = Wanted(ask);
        var booked = state.Bookings.GetValueOrDefault(ask.Node) == booking
            ? Decision.Nothing
            : Decision.Nothing.Record(
                new HostBooked(ask.Environment, ask.Node, booking.MemoryMiB, booking.Vcpus, booking.DiskMiB));
        return TellSite(state, booked.Tell(asker, Answer(failure: null)));
    }

    /// <summary>All of them or none.</summary>
    internal static Decision Book(HostState state, BookNodes ask)
    {
        BookNodesAnswer Answer(Failure? failure) =>
            new(ask.RequestId, state.Host, [.. ask.Nodes.Select(room => room.Node)], state.Facts, failure);

        var asker = new ActorKey(ActorKinds.Environment, ask.Environment.Value);
        var (next, rooms) = (state, new List<BookedRoom>(ask.Nodes.Count));
        foreach (var room in ask.Nodes)
        {
            var one = new Book(ask.RequestId, ask.Environment, room.Node, room.MemoryMiB, room.Vcpus, room.DiskMiB);
            if (Refuse(next, one) is { } failure)
                return Decision.Nothing.Tell(asker, Answer(failure));
            var booking = Wanted(one);
            if (next.Bookings.GetValueOrDefault(room.Node) == booking)
                continue;
            rooms.Add(new BookedRoom(room.Node, booking.MemoryMiB, booking.Vcpus, booking.DiskMiB));
            next = next.With(room.Node, booking);
        }

        var decision = rooms.Count == 0
            ? Decision.Nothing
            : Decision.Nothing.Record(new HostNodesBooked(ask.Environment, rooms));
        return TellSite(state, decision.Tell(asker, Answer(failure: null)));
    }

    internal static Decision Unbook(HostState state, Unbook ask)
    {
        // Somebody else's booking stays; the asker has none, which is what it wanted.
        var mine = state.Bookings.GetValueOrDefault(ask.Node)?.Environment == ask.Environment;
        var freed = mine ? Decision.Nothing.Record(new HostUnbooked(ask.Node)) : Decision.Nothing;
        return TellSite(state, freed.Tell(
            new ActorKey(ActorKinds.Environment, ask.Environment.Value),
            new UnbookAnswer(ask.RequestId, state.Host, ask.Node)));
    }

    /// <summary>
    /// Room for machines that are here by decisions of an earlier generation and that no booking covers: they stay, so
    /// what they take must not be promised again.
    /// </summary>
    internal static Decision BookStrays(
        HostState state, Decision decision, IReadOnlyList<NodeObservation> seen, long generation)
    {
        foreach (var node in seen)
            if (node.Generation > 0 && node.Generation < generation && node.Environment is { } environment
                && !state.Bookings.ContainsKey(node.Node))
                decision = decision.Record(new HostBooked(
                    environment, node.Node, node.ActualMemoryMiB is { } guest ? (int)Whole(guest) : 0, 1, 0));
        return decision;
    }

    /// <summary>Why this command may not be passed on: what starts or grows a node needs its room booked.</summary>
    internal static Failure? Uncovered(HostState state, HostCommand ask)
    {
        int? guestMiB = ask.Command switch
        {
            PrepareNode prepare => prepare.Shape.MemoryMiB,
            StartNode start => start.Shape.MemoryMiB,
            ReceiveMove receive => receive.Shape.MemoryMiB,
            ResizeNode resize => resize.MemoryMiB,
            _ => null,
        };
        if (guestMiB is not { } guest)
            return null;
        var booking = state.Bookings.GetValueOrDefault(ask.Command.Node);
        if (booking is not null && booking.Environment != ask.Environment)
            return HostRefusals.NotYours(state, ask.Command.Node);
        var needMiB = Whole(guest);
        return needMiB <= (booking?.MemoryMiB ?? 0)
            ? null
            : HostRefusals.NotBooked(state, ask.Command.Node, needMiB, booking?.MemoryMiB ?? 0);
    }

    /// <summary>The decision, and the site told when it changed what the host has to offer.</summary>
    internal static Decision TellSite(HostState state, Decision decision) =>
        decision.Events.IsEmpty ? decision : WithCapacity(HostEvolve.Fold(state, decision), decision);

    /// <summary>The decision, and the site told what <paramref name="next"/> has to offer.</summary>
    internal static Decision WithCapacity(HostState next, Decision decision)
    {
        if (next.Site is not { } site || next.Facts is not { } facts)
            return decision;
        return decision.Tell(new ActorKey(ActorKinds.Site, site.Value), new HostCapacity(
            next.Host, facts.Name, next.Presence == HostPresence.Connected, facts.MemoryMiB,
            (int)Math.Max(0, facts.MemoryMiB - next.BookedMemoryMiB()), facts.Cores, next.BookedVcpus(),
            Math.Max(0, facts.DiskMiB - next.BookedDiskMiB()), next.Presence == HostPresence.Fenced,
            facts.SwitchEndpoint));
    }

    private static Failure? Refuse(HostState state, Book ask)
    {
        if (ask.MemoryMiB < 1 || ask.Vcpus < 1 || ask.DiskMiB < 0 || Whole(ask.MemoryMiB) > int.MaxValue)
            return HostRefusals.BadAmount(ask);
        if (state.Presence is HostPresence.New or HostPresence.Fenced || state.Facts is not { } facts)
            return HostRefusals.Unreachable(state);
        var held = state.Bookings.GetValueOrDefault(ask.Node);
        if (held is not null && held.Environment != ask.Environment)
            return HostRefusals.NotYours(state, ask.Node);

        // Keeping or giving back room is always fine: also while the host is away, and also when it has less than
        // it once promised. Only what is promised anew must be there.
        var want = Wanted(ask);
        var moreMemory = want.MemoryMiB > (held?.MemoryMiB ?? 0);
        var moreDisk = want.DiskMiB > (held?.DiskMiB ?? 0);
        if ((held is null || moreMemory || moreDisk) && state.Presence != HostPresence.Connected)
            return HostRefusals.Unreachable(state);
        if (held is null && state.Bookings.Count >= HostLimits.Bookings)
            return HostRefusals.TooManyBookings(state);
        var freeMemory = facts.MemoryMiB - state.BookedMemoryMiB() + (held?.MemoryMiB ?? 0);
        if (moreMemory && want.MemoryMiB > freeMemory)
            return HostRefusals.NoMemory(state, ask.Node, want.MemoryMiB, freeMemory);
        var freeDisk = facts.DiskMiB - state.BookedDiskMiB() + (held?.DiskMiB ?? 0);
        return moreDisk && want.DiskMiB > freeDisk
            ? HostRefusals.NoDisk(state, ask.Node, want.DiskMiB, freeDisk)
            : null;
    }

    private static Booking Wanted(Book ask) =>
        new(ask.Environment, (int)Whole(ask.MemoryMiB), ask.Vcpus, ask.DiskMiB);

    private static long Whole(int guestMiB) => (long)guestMiB + Overhead.MemoryMiB(guestMiB);
}
