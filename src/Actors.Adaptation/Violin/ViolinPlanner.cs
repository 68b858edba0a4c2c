using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Violin;

/// <summary>The policy <c>violin-2007</c>: chapter 6 of P. Ruth's dissertation (Purdue University, 2007).</summary>
public sealed class ViolinPlanner : IPlanner
{
    // A node that was idle keeps this much, in cores, or it could never show that it has work again.
    private const double LeastCores = 0.01;

    // Wishes are weights, which share a crowded host in their proportion: that of one core is the usual weight.
    private const double WeightOfCore = 100;
    private const int MostWeight = 10_000;
    private readonly ViolinOptions _options;

    /// <summary>The policy with these parameters.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside of its range.</exception>
    public ViolinPlanner(ViolinOptions options)
    {
        if (!(options.Alpha > 1) || !double.IsFinite(options.Alpha))
            throw new ArgumentOutOfRangeException(nameof(options), options.Alpha, "Alpha must be more than 1.");
        if (!(options.Beta >= options.Alpha) || !double.IsFinite(options.Beta))
            throw new ArgumentOutOfRangeException(nameof(options), options.Beta, "Beta must be alpha or more.");
        if (options.Window is < 1 or > SampleHistory.Limit)
            throw new ArgumentOutOfRangeException(
                nameof(options), options.Window, $"The window must be 1 to {SampleHistory.Limit} samples.");
        if (!(options.MoveCostSeconds >= 0))
            throw new ArgumentOutOfRangeException(nameof(options), options.MoveCostSeconds, "A cost is 0 or more.");
        _options = options;
    }

    /// <inheritdoc/>
    public string Policy => "violin-2007";

    /// <inheritdoc/>
    public PlanAnswer Plan(Inventory inventory)
    {
        if (InventoryRules.Refuse(inventory, inventory.At) is { } bad) return new PlanAnswer(null, bad);
        var levels = inventory.Environments.SelectMany(one => one.Nodes)
            .ToDictionary(node => node.Id, node => DesiredLevel.Of(node, _options));
        var assignment = new Assignment(inventory, node => levels[node.Id].WishCores);
        var tier = new SiteTier(inventory, assignment, _options);
        var (before, after) = tier.Run();
        for (var site = 0; site < inventory.Sites.Length; site++) HostTier.Run(assignment, site);

        var places = new Dictionary<NodeId, (int From, int To)>();
        foreach (var (index, unit) in assignment.Units.Index())
            foreach (var node in unit.Nodes)
                places[node.Id] = (assignment.Home[index], assignment.HostOf[index]);
        var load = new double[assignment.Hosts.Count];
        foreach (var (node, place) in places) load[place.To] += Math.Max(LeastCores, levels[node].WishCores);
        var decisions = ImmutableArray.CreateBuilder<NodeDecision>();
        foreach (var (index, environment) in inventory.Environments.Index())
            foreach (var node in environment.Nodes)
            {
                var (from, to) = places[node.Id];
                var (predicted, wish) = levels[node.Id];
                var (host, cores) = (assignment.Hosts[to], Math.Max(LeastCores, wish));
                var acrossSites = assignment.SiteOf[from] != assignment.SiteOf[to];
                var reason = new Reason(
                    Why(from == to, acrossSites, load[to] > host.CpuCores), predicted, node.CpuCores, wish,
                    acrossSites ? before - after : 0, from == to ? 0 : _options.MoveCostSeconds,
                    [.. tier.Rejected.GetValueOrDefault(index, [])]);
                decisions.Add(new NodeDecision(
                    node.Id, node.Host, host.Id, cores * Math.Min(1, host.CpuCores / load[to]), reason)
                {
                    CpuWeight = Math.Clamp((int)Math.Round(cores * WeightOfCore), 1, MostWeight),
                });
            }

        return new PlanAnswer(
            new Plan(Policy, inventory.Version, inventory.At, decisions.ToImmutable()), null);
    }

    private static string Why(bool stays, bool acrossSites, bool crowded) => (stays, acrossSites, crowded) switch
    {
        (true, _, false) => "Its host can give it what it wishes.",
        (true, _, true) => "Its host is short of CPU, and no move makes the balance better.",
        (false, true, _) => "Its environment moves to the least used site, which makes the balance better.",
        (false, false, _) => "Its host was short of CPU, another of the site is less used.",
    };
}
