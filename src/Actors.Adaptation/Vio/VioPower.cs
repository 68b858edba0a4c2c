using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Packing;
using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>Power mode: nodes are packed on few hosts of each site, empty ones sleep, and wake when needed.</summary>
internal sealed class VioPower(Inventory inventory, VioRound round, HashSet<int> full)
{
    private readonly PackingSettings _settings = new()
    {
        Crowded = round.Options.Crowded,
        Relieved = round.Options.Relieved,
        Full = round.Options.Filled,
        Packed = round.Options.Packed,
        MostToEmpty = round.Options.MostToEmpty,
    };

    private readonly HashSet<int> _homes = [.. round.Assignment.Home];
    private readonly HashSet<int> _short = [];

    /// <summary>Relieves full hosts into the fullest others, then empties hosts.</summary>
    internal void Pack()
    {
        for (var site = 0; site < inventory.Sites.Length; site++) Pack(site);
    }

    /// <summary>Hosts to sleep and to wake.</summary>
    internal ImmutableArray<HostDecision> Hosts()
    {
        var decisions = ImmutableArray.CreateBuilder<HostDecision>();
        for (var site = 0; site < inventory.Sites.Length; site++)
        {
            var hosts = round.Assignment.HostsOf(site);
            var idle = hosts.Where(host => Open(host) && IsIdle(host))
                .OrderBy(Efficiency).ThenBy(host => host).ToList();
            var asleep = hosts.Where(host => round.Assignment.Hosts[host].Asleep)
                .OrderByDescending(Efficiency).ThenBy(host => host).ToList();
            var lacks = hosts.Where(full.Contains).Sum(round.Loss.Short) + (_short.Contains(site) ? 0.001 : 0);
            var spare = Math.Max(0, round.Options.SpareHosts - idle.Count);
            foreach (var host in asleep)
            {
                if (lacks <= 0 && spare-- <= 0) break;
                var why = lacks > 0 ? "Hosts of its site are full." : "Its site has no spare host that is awake.";
                lacks -= round.Assignment.Hosts[host].CpuCores;
                decisions.Add(new HostDecision(round.Assignment.Hosts[host].Id, false, why));
            }

            if (lacks > 0 || _short.Contains(site)) continue;
            foreach (var host in idle.Take(Math.Max(0, idle.Count - round.Options.SpareHosts)))
                decisions.Add(new HostDecision(
                    round.Assignment.Hosts[host].Id, true, "Nothing is on it, and others of its site have room."));
        }

        return decisions.ToImmutable();
    }

    private void Pack(int site)
    {
        var hosts = round.Assignment.HostsOf(site).Where(Open).ToList();
        var units = hosts.SelectMany(round.Assignment.UnitsOn).ToList();
        var index = units.Index().ToDictionary(one => one.Item, one => one.Index);
        var packing = new SteadyPacking(
            [.. hosts.Select(host => new PackingHost(round.Assignment.Hosts[host].CpuCores, Efficiency(host)))],
            [.. units.Select(unit => new PackingItem(
                round.Assignment.Units[unit].WishCores, round.Options.MoveCostSeconds))],
            [.. hosts.Select(host => round.Assignment.UnitsOn(host).Select(unit => index[unit]).ToList())],
            _settings, (item, to) => round.Obstacle(units[item], hosts[to]) is null);
        packing.Relieve(item => full.Contains(round.Assignment.HostOf[units[item]]) && round.Free(units[item]));
        var relieved = packing.Moves.Count;
        packing.Empty(
            host => round.Assignment.On(hosts[host]).All(round.Free), _settings.MostToEmpty,
            round.Options.MovesPerHost);
        foreach (var (move, at) in packing.Moves.Select((move, at) => (move, at)))
            Commit(units[move.Item], hosts[move.To], at < relieved);
        if (hosts.Any(host => full.Contains(host) && round.Loss.Short(host) > 0)) _short.Add(site);
    }

    // Later moves may hit limits that earlier ones used up: then it stays where it is, until the next plan.
    private void Commit(int unit, int host, bool relief)
    {
        if (round.Try([(unit, host)], out var why) is not { } gain)
        {
            round.Notes.Reject(unit, round.Assignment.Hosts[host].Id.Value, why!);
            return;
        }

        round.Commit([(unit, host)], gain, relief
            ? "Its host was full for the hold time; the fullest one with room takes it."
            : "Its host is emptied, so that it can sleep; the fullest ones with room take what was on it.");
    }

    private bool IsIdle(int host) => round.Assignment.On(host).Count == 0 && !_homes.Contains(host);

    private bool Open(int host) => !round.Assignment.Hosts[host].Closed && !round.Assignment.Hosts[host].Asleep;

    private double Efficiency(int host) => round.Assignment.Hosts[host].FullWatts is > 0 and var watts
        ? round.Assignment.Hosts[host].CpuCores / watts
        : 0;
}
