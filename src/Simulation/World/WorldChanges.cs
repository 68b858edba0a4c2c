using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Simulation.World;

/// <summary>
/// Carries out what managers start: amounts at once, moves until the copy has ended. What is not as the plan saw it is
/// refused, as a site refuses it.
/// </summary>
internal sealed class WorldChanges(WorldState state, WorldMoves moves, WorldOffers offers)
{
    private const long LeastGuestMiB = 64;
    private readonly Dictionary<HostId, WorldHost> _hosts = state.Hosts.ToDictionary(host => host.Id);
    private readonly Dictionary<NodeId, WorldNode> _nodes =
        state.Works.SelectMany(work => work.Nodes).ToDictionary(node => node.Id);
    private readonly Dictionary<(WorldActor Manager, EnvironmentId Environment), TakenEnvironment> _taken = [];
    private readonly Random _dice = state.Dice(-1);
    private readonly List<RunningMove> _running = [];

    /// <summary>Whether a site's own host has this name; else it is a lot of an offer.</summary>
    internal WorldHost? Find(HostId host) => _hosts.GetValueOrDefault(host);

    internal WorldNode Find(NodeId node) => _nodes[node];

    /// <summary>Begins a change; null: it is a move, and goes on.</summary>
    internal AdaptChangeDone? Begin(WorldActor manager, AdaptChange ask)
    {
        var (change, node) = (ask.Change, _nodes[ask.Change.Node]);
        AdaptChangeDone Refused(Failure why, bool resized) =>
            new(ask.Plan, node.Id, ChangePhase.Refused, why, resized, Moved: false);

        // Another site took the whole environment with its first node: this one is on its way already.
        if (Taken(manager, ask, node) is { } taken) return Goes(manager, ask, taken, resized: false);
        if (Stale(change, node) is { } stale) return Refused(ManagerRefusals.Stale(change, stale), resized: false);
        if (change.Resizes() && Resize(change, node) is var (phase, why))
            return new AdaptChangeDone(ask.Plan, node.Id, phase, why, Resized: false, Moved: false);
        if (!change.Moves())
            return new AdaptChangeDone(ask.Plan, node.Id, ChangePhase.Done, null, Resized: true, Moved: false);
        return Move(manager, ask, node) is { } move
            ? Goes(manager, ask, move, change.Resizes())
            : Refused(
                new Failure("no-room", $"Host {change.ToName} does not take node {change.Name} now.", "Wait."),
                change.Resizes());
    }

    /// <summary>Tells managers of moves that have ended; what they start then may end at once, too.</summary>
    internal void End()
    {
        while (_running.FindIndex(one => one.Move.End != MoveEnd.NotYet) is >= 0 and var at)
        {
            var (manager, ask, move, resized) = _running[at];
            _running.RemoveAt(at);
            var failure = move.End == MoveEnd.Arrived ? null : new Failure(
                "move-failed", $"The move of node {ask.Change.Name} to host {move.To.Id} ended before it arrived.",
                "None is needed: it runs where it was.");
            manager.Take(new AdaptChangeDone(
                ask.Plan, ask.Change.Node, failure is null ? ChangePhase.Done : ChangePhase.Failed, failure,
                resized, Moved: failure is null));
        }
    }

    private string? Stale(PlannedChange change, WorldNode node)
    {
        if (node.Work.EndedAt is not null) return "it is gone";
        if (node.Move is not null) return "a move works on it";
        if (node.Host is not { } host) return "it does not run";
        if (host.Id != change.From) return $"it is not on host {change.FromName} any more";
        if (node.Run != change.Run) return $"it was changed since, to run {node.Run} from {change.Run}";
        return Find(change.To) is { Phase: not (HostPhase.On or HostPhase.Boots) }
            ? $"host {change.ToName} is away"
            : null;
    }

    private (ChangePhase Phase, Failure Why)? Resize(PlannedChange change, WorldNode node)
    {
        var guest = change.GuestMiB is { } wanted
            ? Math.Clamp(wanted, Math.Min(LeastGuestMiB, node.GuestMiB), node.Work.Setup.MemoryMiB)
            : node.GuestMiB;
        if (guest - node.GuestMiB > node.Host!.FreeMiB)
            return (ChangePhase.Refused, new Failure(
                "no-room", $"Host {node.Host.Id} has no {guest - node.GuestMiB} MiB more for {change.Name}.", "Wait."));
        if (guest != node.GuestMiB && _dice.NextDouble() < state.Setup.Failures.BalloonsRefused)
            return (ChangePhase.Failed, new Failure(
                "balloon-not-confirmed", $"The guest of node {change.Name} did not take {guest} MiB.", "Wait."));
        node.Set(change.CpuWeight, change.CpuQuotaPercent, guest);
        return null;
    }

    private WorldMove? Taken(WorldActor manager, AdaptChange ask, WorldNode node) =>
        _taken.GetValueOrDefault((manager, ask.Change.Environment)) is { } taken && taken.Plan == ask.Plan
            ? taken.Moves.GetValueOrDefault(node)
            : null;

    private AdaptChangeDone? Goes(WorldActor manager, AdaptChange ask, WorldMove move, bool resized)
    {
        _running.Add(new RunningMove(manager, ask, move, resized));
        return null;
    }

    private WorldMove? Move(WorldActor manager, AdaptChange ask, WorldNode node)
    {
        if (Find(ask.Change.To) is { } own)
        {
            if (moves.TryBegin(node, own) is not { } move) return null;
            node.Work.Site = own.Site;
            return move;
        }

        if (_taken.GetValueOrDefault((manager, ask.Change.Environment))?.Plan == ask.Plan) return null;
        // A site takes an environment as a whole or not at all.
        var all = manager.State.Work.Where(one => one.Plan == ask.Plan && one.Change.Moves()
            && one.Change.Environment == ask.Change.Environment).Select(one => _nodes[one.Change.Node]).ToList();
        var begun = new Dictionary<WorldNode, WorldMove>();
        _taken[(manager, ask.Change.Environment)] = new TakenEnvironment(ask.Plan, begun);
        foreach (var (one, host) in offers.Ask(ask.Change.To, all) ?? [])
        {
            one.Work.Site = host.Site;
            if (moves.TryBegin(one, host) is { } move) begun.Add(one, move);
        }

        return begun.GetValueOrDefault(node);
    }
}

/// <summary>What another site took of an environment, at once.</summary>
/// <param name="Plan">By which plan.</param>
/// <param name="Moves">Nodes that are on their way, or were.</param>
internal sealed record TakenEnvironment(long Plan, Dictionary<WorldNode, WorldMove> Moves);

/// <summary>A change whose move goes on.</summary>
/// <param name="Manager">Who waits for its end.</param>
/// <param name="Ask">What was asked.</param>
/// <param name="Move">The move.</param>
/// <param name="Resized">Whether its amounts were set.</param>
internal sealed record RunningMove(WorldActor Manager, AdaptChange Ask, WorldMove Move, bool Resized);
