using System.Collections.Immutable;

namespace VioActors.Simulation.World;

/// <summary>Carries copies on; those that share a link share what it carries.</summary>
internal sealed class WorldMoves(WorldState state)
{
    private const int MostLogged = 10_000;
    private static readonly TimeSpan SoonBack = TimeSpan.FromMinutes(10);
    private readonly List<WorldMove> _moves = [];
    private readonly Random _dice = state.Dice(-2);
    private readonly ImmutableArray<MoveReport>.Builder _log = ImmutableArray.CreateBuilder<MoveReport>();
    private readonly Dictionary<WorldWork, int> _done = [];

    internal int Done => _done.Values.Sum();

    internal int Undone { get; private set; }

    /// <summary>Nodes that arrived, in order; the first of them when they are many.</summary>
    internal ImmutableArray<MoveReport> Log => _log.ToImmutable();

    internal double DowntimeSeconds { get; private set; }

    internal int DoneOf(WorldWork work) => _done.GetValueOrDefault(work);

    /// <summary>Begins a copy; null, nothing changed, when the host cannot take it any more.</summary>
    internal WorldMove? TryBegin(WorldNode node, WorldHost to)
    {
        if (node.Host is not { } from || node.Move is not null || to.Phase is not (HostPhase.On or HostPhase.Boots)
            || to.FreeMiB < node.GuestMiB) return null;
        var load = node.Work.Setup;
        var move = new WorldMove(
            node, from, to, new PreCopy(node.GuestMiB, node.GuestMiB * load.WorkingSet, state.Setup.Copy));
        node.Move = move;
        node.Run++;
        from.Leaving.Add(move);
        to.Arriving.Add(move);
        _moves.Add(move);
        if (state.Setup.Copy.Instant && to.Phase == HostPhase.On) Arrive(move, 0);
        return move;
    }

    internal void Advance(double seconds)
    {
        if (_moves.Count == 0) return;
        Admit();
        foreach (var (move, rate) in _moves.Where(move => move.Runs).Select(move => (move, Rate(move))).ToList())
        {
            move.Copy.Advance(seconds, rate, move.Node.Work.Setup.DirtyMiBPerSecond * move.Node.Speed);
            if (move.Copy.DowntimeSeconds is { } downtime) Arrive(move, downtime);
        }
    }

    /// <summary>Ends a copy; the node stays where it is.</summary>
    internal void Cancel(WorldMove move)
    {
        move.From.Leaving.Remove(move);
        move.To.Arriving.Remove(move);
        move.Node.Move = null;
        move.End = MoveEnd.Failed;
        _moves.Remove(move);
    }

    /// <summary>What the link between two sites would carry for one more copy, in MiB/s.</summary>
    internal double RateBetween(int from, int to) => Math.Min(
        state.Setup.Sites[from].LinkMiBPerSecond / (Crossing(from) + 1),
        state.Setup.Sites[to].LinkMiBPerSecond / (Crossing(to) + 1));

    private void Arrive(WorldMove move, double downtime)
    {
        Cancel(move);
        if (state.Setup.Failures.MovesFail is > 0 and var part && _dice.NextDouble() < part) return;
        move.End = MoveEnd.Arrived;
        var (node, work) = (move.Node, move.Node.Work);
        move.From.Nodes.Remove(node);
        move.To.Nodes.Add(node);
        node.Host = move.To;
        node.Stall += downtime;
        foreach (var mate in work.Nodes)
            mate.Lag = state.Setup.Copy.EnvironmentStall.TotalSeconds;
        DowntimeSeconds += downtime;
        _done[work] = _done.GetValueOrDefault(work) + 1;
        if (node.Left is { } left && left.Host == move.To && state.Now - left.At <= SoonBack.TotalSeconds) Undone++;
        node.Left = (move.From, state.Now);
        // Another site's manager knows nothing of what the first one set: it starts there with what it has.
        if (move.Crosses) node.Written = node.Amounts;
        node.LastMoved = state.Clock;
        if (_log.Count < MostLogged)
            _log.Add(new MoveReport(
                state.Now, work.Setup.Name, move.From.Id.Value, move.To.Id.Value, move.Crosses,
                work.Nodes.Select(mate => mate.Host).Distinct().Count()));
    }

    // In the order they began, so that who runs goes on.
    private void Admit()
    {
        var most = state.Setup.Copy.AtOnce;
        foreach (var move in _moves.Where(move => !move.Runs))
            move.Runs = move.To.Phase == HostPhase.On && Running(move.From) < most && Running(move.To) < most
                && (!move.Crosses || (Crossing(move.From.Site) < most && Crossing(move.To.Site) < most));
    }

    private double Rate(WorldMove move)
    {
        var rate = Math.Min(
            move.From.Setup.LinkMiBPerSecond / Running(move.From), move.To.Setup.LinkMiBPerSecond / Running(move.To));
        return move.Crosses
            ? Math.Min(rate, Math.Min(Link(move.From.Site), Link(move.To.Site)))
            : rate;
    }

    private double Link(int site) => state.Setup.Sites[site].LinkMiBPerSecond / Crossing(site);

    private static int Running(WorldHost host) => host.Leaving.Concat(host.Arriving).Count(move => move.Runs);

    private int Crossing(int site) => _moves.Count(
        move => move.Runs && move.Crosses && (move.From.Site == site || move.To.Site == site));
}
