using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>
/// The policy <c>vio</c>: the one measure is service lost, in core seconds. First what costs nothing: shares, limits
/// and balloons on the host, at once. Then moves: from hosts that were full for the hold time, never of a node within
/// its cooldown, when what is saved over the horizon is more than the cost and a least gain. Nodes inside a site first,
/// then whole environments.
/// </summary>
public sealed class VioPlanner : IPlanner
{
    private const double Full = 0.9;
    private const double LeastWaiting = 0.01;
    private readonly VioOptions _options;
    private readonly VioForecast _forecast;

    /// <summary>The policy with these parameters.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside of its range.</exception>
    public VioPlanner(VioOptions options)
    {
        if (VioParameters.Refuse(options) is { } bad)
            throw new ArgumentOutOfRangeException(nameof(options), options, bad.Reason);
        (_options, _forecast) = (options, new VioForecast(options));
    }

    /// <inheritdoc/>
    public string Policy => "vio";

    /// <inheritdoc/>
    public PlanLimits? Limits => _options.Limits;

    /// <inheritdoc/>
    public PlanAnswer Plan(Inventory inventory)
    {
        if (InventoryRules.Refuse(inventory, inventory.At) is { } bad) return new PlanAnswer(null, bad);
        var assignment = new Assignment(inventory, _forecast.Cores);
        var round = new VioRound(inventory, assignment, _options);
        var full = FullHosts(assignment);
        var nodes = new VioHostMoves(round);
        var sites = new VioSiteMoves(round, full);
        nodes.Drain();
        sites.Drain(Stranded(round));
        var power = new VioPower(inventory, round, full);
        if (_options.PowerSaving) power.Pack();
        else nodes.Relieve(full.Order());
        sites.Run();
        // Who was there makes room for what arrived, in the same plan: all of it moves once.
        nodes.Relieve(full.Union(round.Arrivals).Order());
        return new PlanAnswer(
            new Plan(Policy, inventory.Version, inventory.At,
                new VioDecisions(inventory, round, _forecast, full).All())
            {
                Hosts = _options.PowerSaving ? power.Hosts() : [],
            }, null);
    }

    private HashSet<int> FullHosts(Assignment assignment)
    {
        var full = new HashSet<int>();
        for (var host = 0; host < assignment.Hosts.Count; host++)
        {
            // Its use cannot be more than its wishes, which are known already.
            if (assignment.WishCores(host) < Full * assignment.Hosts[host].CpuCores) continue;
            var (wanted, waited) = (0.0, 0.0);
            foreach (var unit in assignment.On(host))
                foreach (var node in assignment.Units[unit].Nodes)
                {
                    var steady = _forecast.Steady(node);
                    wanted += steady.Wanted;
                    waited += steady.Waited ?? double.PositiveInfinity;
                }

            // A host on which nobody waits gives all that is asked for, however busy it is.
            var cores = assignment.Hosts[host].CpuCores;
            if (wanted >= Full * cores && waited > LeastWaiting * cores) full.Add(host);
        }

        return full;
    }

    private static SortedSet<int> Stranded(VioRound round)
    {
        var found = new SortedSet<int>();
        for (var host = 0; host < round.Assignment.Hosts.Count; host++)
        {
            if (!round.Assignment.Hosts[host].Closed) continue;
            foreach (var unit in round.Assignment.On(host))
            {
                var environment = round.Assignment.Units[unit].Environment;
                if (round.Sites > 1 && round.Loss.UnitsOf[environment].All(one => round.Assignment.Units[one].Pinned
                    || !round.Assignment.Units[one].Stuck && !round.Notes.Moved(one) && !round.Cools(one))
                    && !round.Assignment.Units[unit].Pinned) found.Add(environment);
            }
        }

        return found;
    }
}
