using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>Writes the plan: one decision for every node, with what changes on its host and why.</summary>
internal sealed class VioDecisions
{
    private readonly Inventory _inventory;
    private readonly VioRound _round;
    private readonly VioForecast _forecast;
    private readonly HashSet<int> _full;
    private readonly VioShares _shares;
    private readonly Dictionary<NodeId, int> _places;
    private readonly NodeDecision[] _all;

    internal VioDecisions(Inventory inventory, VioRound round, VioForecast forecast, HashSet<int> full)
    {
        (_inventory, _round, _forecast, _full) = (inventory, round, forecast, full);
        _shares = new VioShares(round);
        var count = inventory.Environments.Sum(one => one.Nodes.Length);
        _places = new Dictionary<NodeId, int>(count);
        foreach (var environment in inventory.Environments)
            foreach (var node in environment.Nodes) _places[node.Id] = _places.Count;
        _all = new NodeDecision[count];
    }

    internal ImmutableArray<NodeDecision> All()
    {
        for (var host = 0; host < _round.Assignment.Hosts.Count; host++) Decide(host);
        return ImmutableCollectionsMarshal.AsImmutableArray(_all);
    }

    private void Decide(int host)
    {
        var units = _round.Assignment.UnitsOn(host).ToList();
        if (units.Count == 0) return;
        var cores = _shares.Of(host, units);
        var isFull = _round.Loss.Short(host) > 0;
        var balloons = Balloons(host, units);
        var nodes = new List<(NodeInventory Node, double Cores)>();
        for (var i = 0; i < units.Count; i++)
            foreach (var node in _round.Assignment.Units[units[i]].Nodes)
                nodes.Add((node, Share(_round.Assignment.Units[units[i]], node, cores[i])));
        var weights = isFull ? _shares.Weights(nodes) : [];
        var at = 0;
        foreach (var index in units)
        {
            var moves = host != _round.Assignment.Home[index];
            foreach (var node in _round.Assignment.Units[index].Nodes)
            {
                var wish = Wish(_round.Assignment.Units[index], node);
                int? guest = balloons.TryGetValue(node.Id, out var target) ? target : null;
                int? weight = weights.TryGetValue(node.Id, out var wanted) && wanted != node.CpuWeight ? wanted : null;
                var quota = _shares.Quota(node, wish, isFull);
                _all[_places[node.Id]] = new NodeDecision(
                    node.Id, node.Host, _round.Assignment.Hosts[host].Id, nodes[at++].Cores,
                    ReasonOf(node, index, host, wish, weight ?? quota, guest, moves))
                {
                    CpuWeight = weight,
                    CpuQuotaPercent = quota,
                    GuestMiB = guest,
                };
            }
        }
    }

    private double Wish(Unit unit, NodeInventory node) =>
        unit.Nodes.Length == 1 ? unit.WishCores : _forecast.Cores(node);

    private double Share(Unit unit, NodeInventory node, double cores) => unit.Nodes.Length == 1 ? cores
        : unit.WishCores > 0 ? cores * Wish(unit, node) / unit.WishCores : cores / unit.Nodes.Length;

    // What is free now: nodes that leave hold their memory until they are gone, those that come need theirs already.
    private Dictionary<NodeId, int> Balloons(int host, List<int> units)
    {
        var staying = new List<NodeInventory>();
        var some = false;
        foreach (var unit in units)
            foreach (var node in _round.Assignment.Units[unit].Nodes)
            {
                if (_round.Assignment.Home[unit] != host) continue;
                staying.Add(node);
                some |= node.GuestMiB is not null;
            }

        return some
            ? new VioBalloons(_forecast, _round.Options).Of(
                staying, _round.Assignment.FreeMiB(host), _round.WantedMiB(host))
            : [];
    }

    private Reason ReasonOf(
        NodeInventory node, int unit, int host, double wish, int? cpu, int? guest, bool moves)
    {
        var (why, gain, cost) = _round.Notes.Of(unit);
        return new Reason(
            why ?? Why(unit, host, cpu, guest, node), wish, node.CpuCores, wish, gain, moves ? cost : 0,
            _round.Notes.Rejected(unit, _round.Assignment.Hosts[host].Id.Value));
    }

    private string Why(int unit, int host, int? cpu, int? guest, NodeInventory node)
    {
        if (guest is { } target)
            return target > node.GuestMiB
                ? "Its guest needs more memory, and its host has it."
                : "Its guest has more memory than it needs, and another needs it.";
        if (_round.Assignment.Hosts[host].Closed && !_round.Assignment.Units[unit].Stuck)
            return "Its host is being emptied, and no other can take it now.";
        if (cpu is not null)
            return "Its host is full or its limit is wrong: its share of CPU changes there, at no cost.";
        if (_round.Loss.Short(host) <= 0) return "Its host can give it what it needs.";
        if (_round.Assignment.Units[unit].Stuck) return "Its host is full; it is pinned, or bound to nodes elsewhere.";
        if (!_round.Seen(unit)) return "Its host is full; nobody has seen yet what it needs.";
        if (_round.Cools(unit)) return "Its host is full; it moved a short time ago and stays for its cooldown.";
        return _full.Contains(host)
            ? "Its host is full, and no move saves more than it costs."
            : "Its host is full, but was not for the whole hold time.";
    }
}
