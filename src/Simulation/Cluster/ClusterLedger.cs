using VioActors.Runtime;

namespace VioActors.Simulation.Cluster;

/// <summary>What the clients of one run know, for the checks at its end.</summary>
internal sealed class ClusterLedger
{
    /// <summary>Every operation that a client knows to be done.</summary>
    public List<(ActorKey Bank, string Op)> Acknowledged { get; } = [];

    /// <summary>Every operation that a client was told to be given up.</summary>
    public List<string> GivenUp { get; } = [];

    /// <summary>Every request that a server took: each must end.</summary>
    public List<(string Request, Task Answer)> Asked { get; } = [];

    /// <summary>Positions of the journal that its follower saw, in order.</summary>
    public long Followed { get; set; }
}
