using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>
/// The policy <c>vio</c>: the one measure is service lost, in core seconds. A move is made when what it saves over the
/// horizon is more than what it costs and a least gain; from hosts that were full for the hold time; never of a node
/// within its cooldown. Nodes inside a site first, then whole environments.
/// </summary>
public sealed class VioPlanner : IPlanner
{
    private const double Full = 0.9;
    private const double LeastCores = 0.01;
    private readonly VioOptions _options;
    private readonly VioForecast _forecast;

    /// <summary>The policy with these parameters.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside of its range.</exception>
    public VioPlanner(VioOptions options)
    {
        double[] mustBePositive = [options.LeastGain, options.Horizon.TotalSeconds, options.Hold.TotalSeconds];
        double[] mayBeZero = [options.Margin, options.MoveCostSeconds, options.Cooldown.TotalSeconds];
        if (mustBePositive.Any(one => !(one > 0)) || mayBeZero.Any(one => !(one >= 0)))
            throw new ArgumentOutOfRangeException(nameof(options), options, "A parameter is negative or zero.");
        (_options, _forecast) = (options, new VioForecast(options));
    }

    /// <inheritdoc/>
    public string Policy => "vio";

    /// <inheritdoc/>
    public PlanAnswer Plan(Inventory inventory)
    {
        if (InventoryRules.Refuse(inventory, inventory.At) is { } bad) return new PlanAnswer(null, bad);
        var cores = inventory.Environments.SelectMany(one => one.Nodes)
            .ToDictionary(node => node.Id, _forecast.Cores);
        var assignment = new Assignment(inventory, node => cores[node.Id]);
        var round = new VioRound(inventory, assignment, _options, FullHosts(assignment));
        round.Run();
        return new PlanAnswer(
            new Plan(Policy, inventory.Version, inventory.At, Decisions(inventory, assignment, cores, round)), null);
    }

    private HashSet<int> FullHosts(Assignment assignment) => [.. Enumerable.Range(0, assignment.Hosts.Count)
        .Where(host => assignment.UnitsOn(host).SelectMany(unit => assignment.Units[unit].Nodes)
            .Sum(_forecast.SteadyCores) >= Full * assignment.Hosts[host].CpuCores)];

    private ImmutableArray<NodeDecision> Decisions(
        Inventory inventory, Assignment assignment, Dictionary<NodeId, double> cores, VioRound round)
    {
        var unitOf = assignment.Units.Index().SelectMany(one => one.Item.Nodes, (one, node) => (node.Id, one.Index))
            .ToDictionary(one => one.Id, one => one.Index);
        var load = new double[assignment.Hosts.Count];
        foreach (var (node, unit) in unitOf) load[assignment.HostOf[unit]] += Math.Max(LeastCores, cores[node]);
        return
        [
            .. inventory.Environments.SelectMany(one => one.Nodes).Select(node =>
            {
                var unit = unitOf[node.Id];
                var (host, wish) = (assignment.HostOf[unit], Math.Max(LeastCores, cores[node.Id]));
                var capacity = assignment.Hosts[host].CpuCores;
                var moves = host != assignment.Home[unit];
                return new NodeDecision(node.Id, node.Host, assignment.Hosts[host].Id,
                    wish * Math.Min(1, capacity / load[host]), new Reason(
                        round.Why(unit), cores[node.Id], node.CpuCores, wish, round.Gain(unit),
                        moves ? _options.MoveCostSeconds : 0, []));
            }),
        ];
    }
}
