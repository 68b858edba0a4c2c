using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Cli;

/// <summary>Answer of a call that started long work.</summary>
internal sealed record Accepted(OperationId Operation);

/// <summary>Answer of <c>GET /hello</c>.</summary>
internal sealed record HelloAnswer(string Site, string Name, string Build, VersionRange? Versions);

/// <summary>Answer of <c>GET /health</c>.</summary>
internal sealed record HealthAnswer(bool Serving, string? Reason);

/// <summary>Answer of a node's logs.</summary>
internal sealed record LogAnswer(ImmutableArray<string> Lines);

/// <summary>Answer of fencing a host.</summary>
internal sealed record FencedAnswer(int Nodes);

/// <summary>A new join token, shown once.</summary>
internal sealed record TokenAnswer(string Token);

/// <summary>A user; the token only when it was just made.</summary>
internal sealed record UserAnswer(string Name, Role Role, string? Token = null);

/// <summary>A series of pings.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="From">Name of the host whose prober asks; null is the node's own.</param>
/// <param name="Count">1 to 60,000.</param>
/// <param name="IntervalMs">Milliseconds between two, 10 to 10,000.</param>
internal sealed record PingRequest(string Node, string? From, int Count, int IntervalMs);

/// <summary>A move.</summary>
/// <param name="To">Name of the host; null lets the site choose.</param>
/// <param name="BandwidthMiBps">Most memory copied per second, MiB; null is no limit.</param>
internal sealed record MoveRequest(string? To, int? BandwidthMiBps);

/// <summary>What a node gets; null leaves a value.</summary>
/// <param name="MemoryMiB">Balloon target.</param>
/// <param name="CpuWeight">1 to 10000.</param>
/// <param name="CpuQuotaPercent">Percent of one core; 0 removes the limit.</param>
internal sealed record ResizeRequest(int? MemoryMiB, int? CpuWeight, int? CpuQuotaPercent);
