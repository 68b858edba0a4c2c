using VioActors.Contracts.Agents;

namespace VioActors.Actors.VirtualCluster;

/// <summary>What a host is told about a node.</summary>
internal static class Shapes
{
    /// <summary>The node's shape, as it is now; equal on both hosts of a move.</summary>
    public static NodeShape Of(EnvironmentState state, NodeState node) => new()
    {
        Node = node.Id,
        Environment = state.Id,
        Name = node.Spec.Name,
        MaxMemoryMiB = node.Spec.MemoryMiB,
        MemoryMiB = node.MemoryMiB,
        Vcpus = node.Spec.Vcpus,
        CpuWeight = node.CpuWeight,
        CpuQuotaPercent = node.CpuQuotaPercent,
        Image = node.Image,
        Mac = node.Mac,
        CommandLine = CommandLine(state, node),
        MachineType = node.MachineType ?? throw new InvalidOperationException($"Node {node.Id} was never booked."),
        CpuModel = node.CpuModel ?? throw new InvalidOperationException($"Node {node.Id} was never booked."),
    };

    /// <summary>
    /// The image's words, then who the guest is, then its owner's words. Addresses come this way as long as the
    /// switch answers no DHCP.
    /// </summary>
    private static string CommandLine(EnvironmentState state, NodeState node)
    {
        var prefix = state.Subnet[(state.Subnet.IndexOf('/') + 1)..];
        var peers = string.Join(',', state.Nodes.Values.Select(peer => peer.Ip));
        var words = $"vio.name={node.Spec.Name} vio.env={state.Name} vio.ip={node.Ip}/{prefix} vio.peers={peers}";
        return string.Join(' ', new[] { node.Image.CommandLine, words, node.Spec.KernelArguments ?? "" }
            .Where(part => part.Length > 0));
    }
}
