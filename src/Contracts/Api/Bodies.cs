namespace VioActors.Contracts.Api;

/// <summary>Asks for pings from a host's prober.</summary>
/// <param name="Node">Name or id of the node.</param>
/// <param name="From">Name or id of the host that pings; null for the node's own.</param>
/// <param name="Count">1 to 60,000.</param>
/// <param name="IntervalMs">Milliseconds between two, 10 to 10,000.</param>
public sealed record PingBody(string Node, string? From = null, int Count = 3, int IntervalMs = 100);

/// <summary>Connects a host's own machine to an environment.</summary>
/// <param name="Host">Name or id of the host.</param>
/// <param name="Name">Its name in the environment; null takes the host's.</param>
public sealed record MachineBody(string Host, string? Name = null);

/// <summary>Says that a connected machine is still there.</summary>
/// <param name="Node">Its id, from when it was connected.</param>
public sealed record LeaseBody(NodeId Node);

/// <summary>Asks for a move.</summary>
/// <param name="To">Name or id of the host; null lets the site choose.</param>
/// <param name="BandwidthMiBps">Most memory copied per second, MiB; null is no limit.</param>
public sealed record MoveBody(string? To = null, int? BandwidthMiBps = null);

/// <summary>Asks for other amounts; null leaves a value.</summary>
/// <param name="MemoryMiB">Balloon target.</param>
/// <param name="CpuWeight">1 to 10000.</param>
/// <param name="CpuQuotaPercent">Percent of one core; 0 removes the limit.</param>
public sealed record ResizeBody(int? MemoryMiB = null, int? CpuWeight = null, int? CpuQuotaPercent = null);

/// <summary>Asks for a stop.</summary>
/// <param name="GraceSeconds">0 to 3600; 0 cuts power.</param>
public sealed record StopBody(int GraceSeconds = 30);

/// <summary>Asks for a join token.</summary>
/// <param name="HostName">Name that the host will have.</param>
/// <param name="Minutes">1 to 15.</param>
public sealed record JoinTokenBody(string HostName, int Minutes = 15);

/// <summary>Asks for a user with this role.</summary>
/// <param name="Role">What it may do.</param>
public sealed record UserBody(Role Role);

/// <summary>A new host asks for its certificate.</summary>
/// <param name="Token">The join token.</param>
/// <param name="Csr">PKCS#10 request, PEM.</param>
/// <param name="Now">The host's clock.</param>
/// <param name="HostName">What the host calls itself; when given, must be the token's name.</param>
public sealed record JoinBody(string Token, string Csr, DateTimeOffset Now, string? HostName = null);

/// <summary>An agent asks for a new certificate for the same key.</summary>
/// <param name="Csr">PKCS#10 request, PEM.</param>
public sealed record RenewBody(string Csr);

/// <summary>Starts a capture of one port of a host's switch.</summary>
/// <param name="Port">Its TAP, or its node's id, MAC or address.</param>
/// <param name="SnapLength">Most bytes of a frame that are kept, 14 to 65550.</param>
/// <param name="Filter">Which frames, e.g. <c>udp and port 53</c>; null: all.</param>
public sealed record TraceBody(string Port, int SnapLength = 65_550, string? Filter = null);
