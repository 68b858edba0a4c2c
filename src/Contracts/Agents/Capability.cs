using System.Collections.Immutable;

namespace VioActors.Contracts.Agents;

/// <summary>
/// Words that the sides of a protocol say in their hellos: what may be missing in another build of the same version.
/// A word that the other side does not know means nothing to it.
/// </summary>
public static class Capability
{
    /// <summary>Says in every command who asked for it, and takes who asked.</summary>
    public const string Principals = "principals";

    /// <summary>Tells, or takes, that machines ended by themselves (<see cref="NodesEnded"/>).</summary>
    public const string EndedNodes = "ended-nodes";

    /// <summary>Answers questions about logs, pings and the switch (<see cref="AgentQuery"/>).</summary>
    public const string Queries = "queries";

    /// <summary>Keeps how far the site's store was, and says it (<see cref="StoreMark"/>).</summary>
    public const string StoreMarks = "store-marks";

    /// <summary>Measures the host and its nodes, and answers <c>samples</c> (<see cref="HostSamples"/>).</summary>
    public const string Samples = "samples";

    /// <summary>Takes an idempotency key with every change.</summary>
    public const string IdempotencyKeys = "idempotency-keys";

    /// <summary>Sends events from any position of the journal on.</summary>
    public const string ResumableEvents = "resumable-events";

    /// <summary>What an agent of this build can do.</summary>
    public static readonly ImmutableArray<string> OfAgent =
        [Principals, EndedNodes, Queries, StoreMarks, Samples];

    /// <summary>What a server of this build can do towards agents.</summary>
    public static readonly ImmutableArray<string> OfServer = [Principals, EndedNodes, Queries, StoreMarks];

    /// <summary>What the HTTP API of this build can do.</summary>
    public static readonly ImmutableArray<string> OfApi = [IdempotencyKeys, ResumableEvents];
}
