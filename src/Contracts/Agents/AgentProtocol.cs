using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace VioActors.Contracts.Agents;

/// <summary>One frame of the WebSocket between an agent and a server; JSON text, at most 1 MiB.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AgentHello), "hello")]
[JsonDerivedType(typeof(ServerHello), "welcome")]
[JsonDerivedType(typeof(AgentRequest), "request")]
[JsonDerivedType(typeof(AgentResponse), "response")]
[JsonDerivedType(typeof(SwitchRequest), "switch")]
[JsonDerivedType(typeof(SwitchResponse), "switched")]
[JsonDerivedType(typeof(AgentQuery), "query")]
[JsonDerivedType(typeof(AgentAnswer), "answer")]
[JsonDerivedType(typeof(AgentTelemetry), "telemetry")]
[JsonDerivedType(typeof(CancelRequest), "cancel")]
[JsonDerivedType(typeof(NodesEnded), "nodes-ended")]
[JsonDerivedType(typeof(ServersNotice), "servers")]
[JsonDerivedType(typeof(StoreNotice), "store")]
public abstract record AgentFrame;

/// <summary>First frame of an agent.</summary>
public sealed record AgentHello : AgentFrame
{
    /// <summary>The versions of this protocol, lowest and highest, that the agent speaks.</summary>
    public required VersionRange Versions { get; init; }

    /// <summary>Build of the agent.</summary>
    public required string Build { get; init; }

    /// <summary>Optional abilities by name, see <see cref="Capability"/>; unknown ones are ignored.</summary>
    public ImmutableArray<string> Capabilities { get; init; } = [];

    /// <summary>The agent's clock; more than 5 minutes off is refused with both times.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The host.</summary>
    public required HostFacts Facts { get; init; }

    /// <summary>Every node the host knows of: domains and stored runs.</summary>
    public ImmutableArray<NodeObservation> Nodes { get; init; } = [];

    /// <summary>How far the site's store was at most when a server told; null from who does not know.</summary>
    public StoreMark? Seen { get; init; }
}

/// <summary>First frame of a server.</summary>
public sealed record ServerHello : AgentFrame
{
    /// <summary>The version chosen for this connection.</summary>
    public required int Version { get; init; }

    /// <summary>The versions of this protocol that the server speaks; null from servers that do not say.</summary>
    public VersionRange? Versions { get; init; }

    /// <summary>Build of the server.</summary>
    public required string Build { get; init; }

    /// <summary>Optional abilities by name, see <see cref="Capability"/>; unknown ones are ignored.</summary>
    public ImmutableArray<string> Capabilities { get; init; } = [];

    /// <summary>Set when the agent is not welcome; the connection is closed after it.</summary>
    public Failure? Refused { get; init; }

    /// <summary>Fabric addresses of all servers of the site, at most 8.</summary>
    public ImmutableArray<string> Servers { get; init; } = [];

    /// <summary>How far the site's store is, for the agent to keep; null when it is not to.</summary>
    public StoreMark? Store { get; init; }
}

/// <summary>How far the site's store is now; for agents that say <see cref="Capability.StoreMarks"/>.</summary>
public sealed record StoreNotice : AgentFrame
{
    /// <summary>For the agent to keep.</summary>
    public required StoreMark Mark { get; init; }
}

/// <summary>The servers of the site have changed. An agent of an older build would not know this frame.</summary>
public sealed record ServersNotice : AgentFrame
{
    /// <summary>As <see cref="ServerHello.Servers"/>.</summary>
    public ImmutableArray<string> Servers { get; init; } = [];
}

/// <summary>A command for the host.</summary>
public sealed record AgentRequest : AgentFrame
{
    /// <summary>Id of the effect; equal when asked again.</summary>
    public required string Id { get; init; }

    /// <summary>The site's generation, the first part of the pair the agent stores.</summary>
    public required long Generation { get; init; }

    /// <summary>Who asked, as <see cref="Principal"/> is written; null from servers that do not say.</summary>
    public string? By { get; init; }

    /// <summary>What to do.</summary>
    public required AgentCommand Command { get; init; }
}

/// <summary>The end of a command.</summary>
public sealed record AgentResponse : AgentFrame
{
    /// <summary>Id of the request.</summary>
    public required string Id { get; init; }

    /// <summary>How it ended.</summary>
    public required AgentOutcome Outcome { get; init; }
}

/// <summary>The server no longer wants the answer of a request; the agent stops waiting, not the hypervisor.</summary>
public sealed record CancelRequest : AgentFrame
{
    /// <summary>Id of the request.</summary>
    public required string Id { get; init; }
}

/// <summary>The whole wanted state of the host's switch.</summary>
public sealed record SwitchRequest : AgentFrame
{
    /// <summary>Id of the effect.</summary>
    public required string Id { get; init; }

    /// <summary>Who asked, as <see cref="Principal"/> is written; null from servers that do not say.</summary>
    public string? By { get; init; }

    /// <summary>The wanted state.</summary>
    public required SwitchWanted Wanted { get; init; }
}

/// <summary>What the switch applied.</summary>
public sealed record SwitchResponse : AgentFrame
{
    /// <summary>Id of the request.</summary>
    public required string Id { get; init; }

    /// <summary>Null when all of it was applied; else what was not.</summary>
    public Failure? Failure { get; init; }
}

/// <summary>A question that changes nothing and passes no actor: logs, switch status, pings.</summary>
public sealed record AgentQuery : AgentFrame
{
    /// <summary>Unique on the connection.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// <c>logs</c>, <c>switch-status</c>, <c>switch-sight</c>, <c>ping</c> or <c>samples</c>.
    /// </summary>
    public required string Ask { get; init; }

    /// <summary>For <c>logs</c>: whose.</summary>
    public NodeId? Node { get; init; }

    /// <summary>For <c>logs</c>: at most so many of the last lines; 1 to 10000.</summary>
    public int Lines { get; init; } = 200;

    /// <summary>For <c>ping</c>: the environment.</summary>
    public EnvironmentId? Environment { get; init; }

    /// <summary>For <c>ping</c>: the address.</summary>
    public string? Ip { get; init; }

    /// <summary>For <c>ping</c>: how many, 1 to 60,000.</summary>
    public int Count { get; init; } = 3;

    /// <summary>For <c>ping</c>: milliseconds between two, at least 10.</summary>
    public int IntervalMs { get; init; } = 100;

    /// <summary>
    /// For <c>switch-sight</c>: a message of the switch's control protocol that looks and changes nothing.
    /// </summary>
    public System.Text.Json.JsonElement? Request { get; init; }

    /// <summary>For <c>samples</c>: only those after this time of the agent's clock; null is all it keeps.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>The answer to a query.</summary>
public sealed record AgentAnswer : AgentFrame
{
    /// <summary>Id of the query.</summary>
    public required string Id { get; init; }

    /// <summary>Set when it could not be answered.</summary>
    public Failure? Failure { get; init; }

    /// <summary>For <c>logs</c>: the lines, oldest first.</summary>
    public ImmutableArray<string> Lines { get; init; } = [];

    /// <summary>For <c>ping</c>.</summary>
    public PingFigures? Ping { get; init; }

    /// <summary>
    /// For <c>switch-status</c>: the switch's own status document; for <c>switch-sight</c> its answer.
    /// </summary>
    public System.Text.Json.JsonElement? Status { get; init; }

    /// <summary>For <c>samples</c>.</summary>
    public HostSamples? Samples { get; init; }
}

/// <summary>Figures of a series of pings by a switch's prober.</summary>
/// <param name="Sent">Requests sent.</param>
/// <param name="Received">Different requests answered.</param>
/// <param name="Duplicates">Answers beyond the first to a request.</param>
/// <param name="LongestGapMs">Longest time without an answer, milliseconds.</param>
/// <param name="RttP50Us">Median round trip, microseconds.</param>
/// <param name="RttP99Us">99th percentile, microseconds.</param>
public sealed record PingFigures(
    int Sent, int Received, int Duplicates, double LongestGapMs, double RttP50Us, double RttP99Us);

/// <summary>Latest-wins samples; never an event, never stored.</summary>
public sealed record AgentTelemetry : AgentFrame
{
    /// <summary>Progress of running moves.</summary>
    public ImmutableArray<MoveProgress> Moves { get; init; } = [];
}

/// <summary>Machines that ended on the host since the last such frame, whoever ended them; a reason to ask.</summary>
public sealed record NodesEnded : AgentFrame
{
    /// <summary>Most nodes in one frame.</summary>
    public const int Most = 4096;

    /// <summary>Whose machines.</summary>
    public ImmutableArray<NodeId> Nodes { get; init; } = [];
}

/// <summary>How far a move is.</summary>
/// <param name="Move">The operation.</param>
/// <param name="Done">0 to 1.</param>
/// <param name="Detail">What is being copied, for people.</param>
public sealed record MoveProgress(OperationId Move, double Done, string Detail);

/// <summary>An inclusive range of protocol versions.</summary>
/// <param name="Lowest">Oldest version still spoken.</param>
/// <param name="Highest">Newest version spoken.</param>
public sealed record VersionRange(int Lowest, int Highest)
{
    /// <summary>What this build speaks: N and, from version 2 on, N-1.</summary>
    public static readonly VersionRange Ours = new(1, 1);

    /// <summary>The highest version both speak, or null.</summary>
    public int? Common(VersionRange other)
    {
        var highest = Math.Min(Highest, other.Highest);
        return highest >= Math.Max(Lowest, other.Lowest) ? highest : null;
    }
}
