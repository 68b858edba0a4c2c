namespace VioActors.Simulation.World;

/// <summary>How a host shares CPU: by weight, none more than its limit; what one leaves goes to the others.</summary>
internal static class CpuSharing
{
    /// <summary>Sets what each node of a host gets and is given.</summary>
    /// <param name="cores">The host's CPU.</param>
    /// <param name="nodes">Its nodes.</param>
    internal static void Share(double cores, IReadOnlyList<WorldNode> nodes)
    {
        Fill(cores, nodes, node => node.Limit, (node, given) => node.Given = given);
        Fill(cores, nodes, node => Math.Min(node.Demand, node.Limit), (node, gets) => node.Gets = gets);
    }

    // Who wants least for its weight first: after that, nobody later can have less than its part of what is left.
    private static void Fill(
        double cores, IReadOnlyList<WorldNode> nodes, Func<WorldNode, double> most, Action<WorldNode, double> set)
    {
        var weight = nodes.Sum(node => (double)node.Weight);
        foreach (var node in nodes.OrderBy(node => most(node) / node.Weight))
        {
            var part = Math.Min(most(node), cores * Math.Min(1, node.Weight / weight));
            set(node, part);
            cores -= part;
            weight -= node.Weight;
        }
    }
}
