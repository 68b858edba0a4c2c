using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;

namespace VioActors.Actors.Adaptation.Planning;

/// <summary>What moves as one: a node, or all nodes of an environment that must share a host.</summary>
/// <param name="Environment">Index of the environment in the inventory.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="WishCores">Sum of their wishes, in cores.</param>
/// <param name="Stuck">Whether it may not move: one of its nodes is pinned, or its nodes are not together now.</param>
internal sealed record Unit(
    int Environment, ImmutableArray<NodeInventory> Nodes, double WishCores, bool Stuck)
{
    internal long MemoryMiB => Nodes.Sum(node => node.MemoryMiB);

    /// <summary>Whether every node of it is pinned, so that it does not tie its environment to a site.</summary>
    internal bool Pinned => Nodes.All(node => node.Pinned);

    /// <summary>Splits an environment into units.</summary>
    internal static IEnumerable<Unit> Of(
        EnvironmentInventory environment, int index, Func<NodeInventory, double> wish)
    {
        foreach (var alone in environment.Nodes.Where(node => node.Together is null))
            yield return new Unit(index, [alone], wish(alone), alone.Pinned);
        foreach (var mates in environment.Nodes.Where(node => node.Together is not null).GroupBy(one => one.Together))
        {
            var spread = mates.Select(node => node.Host).Distinct().Skip(1).Any();
            var stuck = spread || mates.Any(node => node.Pinned) || ForbidsItself(mates);
            foreach (var here in mates.GroupBy(node => node.Host))
                yield return new Unit(index, [.. here], here.Sum(wish), stuck);
        }
    }

    private static bool ForbidsItself(IEnumerable<NodeInventory> mates) =>
        mates.Where(node => node.Apart is not null).GroupBy(node => node.Apart).Any(same => same.Skip(1).Any());
}
