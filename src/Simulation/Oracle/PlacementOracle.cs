using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Simulation.Oracle;

/// <summary>
/// The best that any planner could do, by trying every mapping of environments to sites: service over the horizon,
/// less the standstill of what moves. Shares no code with planners.
/// </summary>
public static class PlacementOracle
{
    /// <summary>Horizon in seconds over which a mapping serves.</summary>
    public const double Horizon = 600;

    /// <summary>Standstill of what moves, in seconds.</summary>
    public const double MoveSeconds = 20;

    /// <summary>Service of a mapping, in core seconds.</summary>
    public static double Service(OracleInstance instance, ReadOnlySpan<int> siteOf)
    {
        Span<double> load = stackalloc double[instance.Cores.Count];
        var moved = 0.0;
        for (var i = 0; i < siteOf.Length; i++)
        {
            load[siteOf[i]] += instance.Wants[i];
            if (siteOf[i] != instance.Homes[i]) moved += instance.Wants[i];
        }

        var served = 0.0;
        for (var site = 0; site < load.Length; site++) served += Math.Min(load[site], instance.Cores[site]);
        return served * Horizon - moved * MoveSeconds;
    }

    /// <summary>The most service that any mapping gives, in core seconds.</summary>
    public static double Best(OracleInstance instance)
    {
        var siteOf = new int[instance.Homes.Count];
        var best = 0.0;
        do best = Math.Max(best, Service(instance, siteOf));
        while (Next(siteOf, instance.Cores.Count));
        return best;
    }

    /// <summary>The part of the best service that a plan does not reach, 0 to 1.</summary>
    /// <exception cref="InvalidOperationException">There is no plan, or it does not pass the checker.</exception>
    public static double Gap(OracleInstance instance, IPlanner planner)
    {
        var answer = planner.Plan(instance.Inventory);
        if (answer.Plan is not { } plan) throw new InvalidOperationException(answer.Refused?.ToString());
        if (PlanChecker.Check(plan, instance.Inventory) is [var wrong, ..])
            throw new InvalidOperationException(wrong.ToString());
        var sites = instance.Inventory.Sites.Index().ToDictionary(one => one.Item.Hosts[0].Id, one => one.Index);
        var to = plan.Nodes.ToDictionary(one => one.Node, one => one.To);
        int[] siteOf = [.. instance.Inventory.Environments.Select(one => sites[to[one.Nodes[0].Id]])];
        return 1 - Service(instance, siteOf) / Best(instance);
    }

    /// <summary>Mean gap of a planner over the instances of so many seeds.</summary>
    public static double MeanGap(IPlanner planner, int instances) =>
        Enumerable.Range(1, instances).Average(seed => Gap(OracleInstance.Of(seed), planner));

    private static bool Next(int[] digits, int radix)
    {
        for (var i = 0; i < digits.Length; i++)
        {
            if (++digits[i] < radix) return true;
            digits[i] = 0;
        }

        return false;
    }
}
