using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Bench.Place;

/// <summary>A queue of nodes and the hosts that shall take it.</summary>
/// <param name="Nodes">Nodes of all environments together.</param>
/// <param name="Hosts">Hosts, all alike.</param>
/// <param name="Room">Memory of all hosts over memory of all nodes.</param>
internal sealed record PlaceLoad(int Nodes, int Hosts, double Room)
{
    /// <summary>Sizes of nodes, one after the other, MiB.</summary>
    private static readonly int[] Sizes = [128, 128, 256, 512];

    /// <summary>
    /// Nodes of one environment: it may span few hosts, so it is not made much larger than what these take.
    /// </summary>
    public int PerEnvironment => Math.Clamp(4 * Nodes / Hosts, 1, 256);

    /// <summary>How many environments there are.</summary>
    public int Environments => (Nodes + PerEnvironment - 1) / PerEnvironment;

    /// <summary>Memory of one host, MiB.</summary>
    public int HostMiB => (int)Math.Ceiling(Room * Nodes / Hosts * Sizes.Average(Whole));

    /// <summary>The spec of one environment.</summary>
    public EnvironmentSpec Spec(int number)
    {
        var first = number * PerEnvironment;
        return new EnvironmentSpec
        {
            Name = $"e{number}",
            Subnet = "10.10.0.0/20",
            Nodes =
            [
                .. Enumerable.Range(first, Math.Min(PerEnvironment, Nodes - first)).Select(i => new NodeSpec
                {
                    Name = $"n{i - first}",
                    Image = PlaceSite.Image,
                    MemoryMiB = Sizes[i % Sizes.Length],
                }),
            ],
        };
    }

    private static double Whole(int guestMiB) => guestMiB + Overhead.MemoryMiB(guestMiB);
}
