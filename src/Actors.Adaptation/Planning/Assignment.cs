using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Planning;

/// <summary>
/// Where a planner has put each unit so far. Memory of a node that leaves stays counted where it was: until the move is
/// over it is in use on both hosts, so that it is never promised twice.
/// </summary>
internal sealed class Assignment
{
    private readonly List<HostInventory> _hosts = [];
    private readonly List<int[]> _hostsOf = [];
    private readonly long[] _memory;
    private readonly double[] _wishes;
    private readonly HashSet<int>[] _units;

    internal Assignment(Inventory inventory, Func<NodeInventory, double> wish)
    {
        foreach (var (site, hosts) in inventory.Sites.Index())
        {
            _hostsOf.Add([.. Enumerable.Range(_hosts.Count, hosts.Hosts.Length)]);
            _hosts.AddRange(hosts.Hosts);
            SiteOf.AddRange(hosts.Hosts.Select(_ => site));
        }

        var index = _hosts.Index().ToDictionary(one => one.Item.Id, one => one.Index);
        Units = [.. inventory.Environments.Index().SelectMany(one => Unit.Of(one.Item, one.Index, wish))];
        Home = [.. Units.Select(unit => index[unit.Nodes[0].Host])];
        HostOf = [.. Home];
        _memory = new long[_hosts.Count];
        _wishes = new double[_hosts.Count];
        _units = [.. _hosts.Select(_ => new HashSet<int>())];
        foreach (var (unit, host) in HostOf.Index())
        {
            _memory[host] += Units[unit].MemoryMiB;
            _wishes[host] += Units[unit].WishCores;
            _units[host].Add(unit);
        }
    }

    internal IReadOnlyList<Unit> Units { get; }

    internal IReadOnlyList<HostInventory> Hosts => _hosts;

    /// <summary>Index of each host's site.</summary>
    internal List<int> SiteOf { get; } = [];

    /// <summary>Where each unit is before anything is done.</summary>
    internal int[] Home { get; }

    /// <summary>Where each unit shall be.</summary>
    internal int[] HostOf { get; }

    internal double Utilization(int host) => _wishes[host] / _hosts[host].CpuCores;

    internal double WishCores(int host) => _wishes[host];

    internal IEnumerable<int> UnitsOn(int host) => _units[host].Order();

    /// <summary>Memory of a host that nobody holds and no move takes, in MiB; below 0: too much is promised.</summary>
    internal long FreeMiB(int host) => _hosts[host].MemoryMiB - _memory[host];

    /// <summary>Units of a host, in no order.</summary>
    internal HashSet<int> On(int host) => _units[host];

    internal IReadOnlyList<int> HostsOf(int site) => _hostsOf[site];

    /// <summary>Why a unit cannot be on a host; null when it can.</summary>
    internal string? Obstacle(int unit, int host) => Bar(unit, host) ?? (Lacks(unit, host)
        ? $"it needs {Units[unit].MemoryMiB} MiB and {FreeMiB(host)} MiB are free"
        : null);

    /// <summary>Whether nothing but memory of the host, which its guests may give, stands against it.</summary>
    internal bool OnlyLacksMemory(int unit, int host) => Bar(unit, host) is null && Lacks(unit, host);

    private bool Lacks(int unit, int host) =>
        HostOf[unit] != host && Home[unit] != host && Units[unit].MemoryMiB > FreeMiB(host);

    private string? Bar(int unit, int host)
    {
        if (HostOf[unit] == host) return null;
        if (Units[unit].Stuck) return "it is pinned, or bound to nodes that are elsewhere";
        if (_units[host].Any(other => Apart(Units[unit], Units[other]))) return "a node it must be apart from is there";
        if (Home[unit] == host) return null;
        if (_hosts[host].Closed) return "the host takes no new nodes";
        return _hosts[host].Asleep ? "the host sleeps" : null;
    }

    internal void Move(int unit, int host)
    {
        var from = HostOf[unit];
        if (from == host) return;
        if (from != Home[unit]) _memory[from] -= Units[unit].MemoryMiB;
        if (host != Home[unit]) _memory[host] += Units[unit].MemoryMiB;
        _wishes[from] -= Units[unit].WishCores;
        _wishes[host] += Units[unit].WishCores;
        _units[from].Remove(unit);
        _units[host].Add(unit);
        HostOf[unit] = host;
    }

    /// <summary>
    /// Puts units on hosts of a site, the largest first, each where it makes the least load. False, nothing changed,
    /// when one of them has no place.
    /// </summary>
    internal bool TryPlace(IReadOnlyList<int> units, int site)
    {
        var before = units.Select(unit => HostOf[unit]).ToArray();
        foreach (var unit in units.OrderByDescending(unit => Units[unit].WishCores).ThenBy(unit => unit))
        {
            var host = HostsOf(site).Where(one => Obstacle(unit, one) is null)
                .OrderBy(one => (_wishes[one] + Units[unit].WishCores) / _hosts[one].CpuCores)
                .ThenBy(one => one).Cast<int?>().FirstOrDefault();
            if (host is { } found)
            {
                Move(unit, found);
                continue;
            }

            foreach (var (back, at) in units.Zip(before)) Move(back, at);
            return false;
        }

        return true;
    }

    private static bool Apart(Unit one, Unit other) => one.Environment == other.Environment && one != other
        && one.Nodes.Any(mine => mine.Apart is { } mark && other.Nodes.Any(theirs => theirs.Apart == mark));
}
