using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Simulation.DataCenter;
using VioActors.Simulation.World;

namespace VioActors.Simulation.Tests.World;

/// <summary>Small fleets, and planners that do one thing.</summary>
internal static class Worlds
{
    public static SiteSetup Site(string name, int hosts, double cores = 1, long memoryMiB = 4096) =>
        new(name, [new HostSetup(hosts, cores, memoryMiB)]);

    public static PhasedSetup Phased(string name, int nodes, double work, int? site = 0) =>
        new(name, nodes, 1, 512, [new PhaseSetup(work, 1)]) { Site = site };

    /// <summary>A fleet with some of everything, from a seed.</summary>
    public static WorldSetup Any(int seed)
    {
        var dice = new Random(seed);
        var sites = Enumerable.Range(1, dice.Next(1, 4)).Select(site =>
            Site($"s{site}", dice.Next(2, 5), dice.Next(1, 5), dice.Next(2, 5) * 1024) with { Refuses = 0.2 });
        var loads = Enumerable.Range(1, dice.Next(2, 7)).Select<int, LoadSetup>(index => dice.Next(3) switch
        {
            0 => Phased($"p{index}", dice.Next(1, 5), dice.Next(50, 900), null) with
            {
                Start = TimeSpan.FromSeconds(dice.Next(600)),
            },
            1 => new ServiceSetup($"w{index}", dice.Next(1, 4), 1, 512, dice.Next(10, 300), 0.01)
            {
                Noise = 0.2,
                Bursts = new BurstSetup(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), 3),
            },
            _ => new TraceSetup($"t{index}", 1, 512, [.. Traces(dice.Next(1, 4), seed)]),
        });
        return new WorldSetup([.. sites], [.. loads])
        {
            Seed = seed,
            Length = TimeSpan.FromMinutes(40),
            Offers = seed % 2 == 0,
            Failures = new FailureSetup
            {
                MeanBetween = TimeSpan.FromHours(2),
                Repair = TimeSpan.FromMinutes(5),
            },
        };
    }

    public static IEnumerable<CpuTrace> Traces(int count, int seed) => DataCenter.SyntheticTraces.Of(count, seed);
}

/// <summary>Makes the plan that a test says; by default every node stays and keeps its share.</summary>
internal sealed class Scripted(Func<Inventory, NodeInventory, NodeDecision, NodeDecision> decide) : IPlanner
{
    public string Policy => "scripted";

    public PlanLimits? Limits { get; init; }

    public List<Inventory> Seen { get; } = [];

    public PlanAnswer Plan(Inventory inventory)
    {
        Seen.Add(inventory);
        ImmutableArray<NodeDecision> nodes =
        [
            .. inventory.Environments.SelectMany(one => one.Nodes).Select(node => decide(inventory, node,
                new NodeDecision(node.Id, node.Host, node.Host, 0.01, new Reason("", 0, 0, 0, 0, 0, [])))),
        ];
        return new PlanAnswer(new Plan(Policy, inventory.Version, inventory.At, nodes), null);
    }
}
