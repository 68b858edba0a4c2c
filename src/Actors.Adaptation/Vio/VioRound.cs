using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>
/// One round of the policy: the assignment as it grows, what each step of it is worth, and the limits. A unit moves at
/// most once, so that every search over moves ends.
/// </summary>
internal sealed class VioRound
{
    private readonly Inventory _inventory;
    private readonly int[] _touched;
    private readonly Dictionary<(int, int), int> _links = [];
    private readonly Dictionary<int, int> _wanted = [];
    private readonly HashSet<int> _stalled = [];
    private readonly List<int> _hosts = [];
    private readonly double[] _workOf;

    internal VioRound(Inventory inventory, Assignment assignment, VioOptions options)
    {
        (_inventory, Assignment, Options) = (inventory, assignment, options);
        Loss = new VioLoss(assignment, inventory.Environments.Length, options.Coupling);
        Room = new VioRoom(assignment, inventory.Sites.Length);
        _touched = new int[assignment.Hosts.Count];
        _workOf = [.. Loss.UnitsOf.Select(units => units.Sum(unit => assignment.Units[unit].WishCores))];
    }

    internal Assignment Assignment { get; }

    internal VioOptions Options { get; }

    internal VioLoss Loss { get; }

    internal VioRoom Room { get; }

    internal VioNotes Notes { get; } = new();

    /// <summary>Hosts that got nodes in this plan.</summary>
    internal HashSet<int> Arrivals { get; } = [];

    internal int Sites => _inventory.Sites.Length;

    internal string SiteName(int site) => _inventory.Sites[site].Id.Value;

    /// <summary>Whether a unit may be moved by choice: seen at work, not in its cooldown, not moved yet.</summary>
    internal bool Free(int unit) => !Assignment.Units[unit].Stuck && !Notes.Moved(unit) && !Cools(unit) && Seen(unit);

    internal bool Seen(int unit)
    {
        foreach (var node in Assignment.Units[unit].Nodes)
            if (node.Samples.Newest.IsEmpty) return false;
        return true;
    }

    internal bool Cools(int unit)
    {
        foreach (var node in Assignment.Units[unit].Nodes)
            if (node.LastMoved is { } at && _inventory.At - at < Options.Cooldown) return true;
        return false;
    }

    /// <summary>Why a unit cannot go to a host in this plan; null when it can.</summary>
    internal string? Obstacle(int unit, int host)
    {
        if (Assignment.Obstacle(unit, host) is { } why) return why;
        var count = Assignment.Units[unit].Nodes.Length;
        return Over(_touched[host], count) || Over(_touched[Assignment.HostOf[unit]], count)
            ? $"one of both hosts has {Options.MovesPerHost} moves in this plan already"
            : null;
    }

    /// <summary>Whether so many nodes may go from one site to another in this plan.</summary>
    internal bool LinkAllows(int from, int to, int nodes)
    {
        var used = _links.GetValueOrDefault((from, to));
        return used == 0 || used + nodes <= Options.MovesPerLink;
    }

    /// <summary>
    /// What moves are worth together, in core seconds over the horizon, less the standstill. The moves are made for
    /// that and taken back. Null: one of them has an obstacle, which <paramref name="why"/> names.
    /// </summary>
    internal VioGain? Try(IReadOnlyList<(int Unit, int Host)> moves, out string? why) =>
        Measure(moves, heeds: true, out why);

    /// <summary>Makes moves for good.</summary>
    internal void Commit(IReadOnlyList<(int Unit, int Host)> moves, VioGain gain, string why)
    {
        foreach (var (unit, host) in moves)
        {
            var home = Assignment.HostOf[unit];
            Assignment.Move(unit, host);
            Count(unit, home, host, 1);
            Room.Changed(home);
            Room.Changed(host);
            Arrivals.Add(host);
            _stalled.Add(Assignment.Units[unit].Environment);
            Notes.Move(unit, why, gain.Net, gain.Cost);
            var (from, to) = (Assignment.SiteOf[home], Assignment.SiteOf[host]);
            if (from != to)
                _links[(from, to)] = _links.GetValueOrDefault((from, to)) + Assignment.Units[unit].Nodes.Length;
        }
    }

    /// <summary>
    /// Memory that a move into a host lacked, in MiB: its guests may give it for a later plan. None when what else this
    /// plan moves made that move needless.
    /// </summary>
    internal long WantedMiB(int host) =>
        _wanted.TryGetValue(host, out var unit) && OnlyMemoryBars(unit, host) ? Assignment.Units[unit].MemoryMiB : 0;

    /// <summary>Notes that a unit would go to a host if there were memory: a move that pays but for that.</summary>
    internal void Want(int unit, int host)
    {
        if (!_wanted.ContainsKey(host) && OnlyMemoryBars(unit, host)) _wanted[host] = unit;
    }

    /// <summary>Whether moves are worth it.</summary>
    internal bool Pays(VioGain gain) =>
        gain.Net >= Options.LeastGain && gain.Saved > Options.LeastImprovement * gain.Before;

    // Obstacles are not heeded to learn what a move would be worth if it could be made.
    private VioGain? Measure(IReadOnlyList<(int Unit, int Host)> moves, bool heeds, out string? why)
    {
        Affected(moves);
        var before = Loss.Of(_hosts);
        Span<int> homes = moves.Count <= 64 ? stackalloc int[moves.Count] : new int[moves.Count];
        why = null;
        var made = 0;
        for (; made < moves.Count; made++)
        {
            var (unit, host) = moves[made];
            if (heeds && (why = Obstacle(unit, host)) is not null) break;
            homes[made] = Assignment.HostOf[unit];
            Assignment.Move(unit, host);
            Count(unit, homes[made], host, 1);
        }

        var after = why is null ? Loss.Of(_hosts) : 0;
        while (--made >= 0)
        {
            Count(moves[made].Unit, homes[made], moves[made].Host, -1);
            Assignment.Move(moves[made].Unit, homes[made]);
        }

        return why is null ? new VioGain(before, after, Options.Horizon.TotalSeconds, Cost(moves)) : null;
    }

    private bool OnlyMemoryBars(int unit, int host) => Free(unit) && Assignment.OnlyLacksMemory(unit, host)
        && Measure([(unit, host)], heeds: false, out _) is { } gain && Pays(gain);

    // Core seconds of standing still: of the nodes that move, and of those that wait for them, once in a plan.
    private double Cost(IReadOnlyList<(int Unit, int Host)> moves)
    {
        var (moved, waiting) = (0.0, 0.0);
        for (var i = 0; i < moves.Count; i++)
        {
            var unit = Assignment.Units[moves[i].Unit];
            moved += unit.WishCores;
            var first = true;
            for (var j = 0; j < i && first; j++)
                first = Assignment.Units[moves[j].Unit].Environment != unit.Environment;
            if (first && !_stalled.Contains(unit.Environment)) waiting += _workOf[unit.Environment];
        }

        return Options.MoveCostSeconds * ((1 - Options.Coupling) * moved + Options.Coupling * waiting);
    }

    private void Affected(IReadOnlyList<(int Unit, int Host)> moves)
    {
        _hosts.Clear();
        foreach (var (unit, host) in moves)
        {
            if (!_hosts.Contains(Assignment.HostOf[unit])) _hosts.Add(Assignment.HostOf[unit]);
            if (!_hosts.Contains(host)) _hosts.Add(host);
        }
    }

    private void Count(int unit, int from, int to, int sign)
    {
        if (from == to) return;
        _touched[from] += sign * Assignment.Units[unit].Nodes.Length;
        _touched[to] += sign * Assignment.Units[unit].Nodes.Length;
    }

    // A unit of more nodes than the limit goes alone: it cannot be divided.
    private bool Over(int used, int more) => used > 0 && used + more > Options.MovesPerHost;
}

/// <summary>What moves are worth.</summary>
/// <param name="Before">Loss on the hosts in question before, in cores.</param>
/// <param name="After">The same after.</param>
/// <param name="Seconds">The horizon.</param>
/// <param name="Cost">Standstill, in core seconds.</param>
internal readonly record struct VioGain(double Before, double After, double Seconds, double Cost)
{
    /// <summary>Cores of service that are saved.</summary>
    internal double Saved => Before - After;

    /// <summary>Core seconds of service won over the horizon.</summary>
    internal double Net => Saved * Seconds - Cost;
}
