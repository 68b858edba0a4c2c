using System.Collections.Immutable;
using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Api;

/// <summary>
/// What was measured lately. Times are of the server's clock, also those of hosts whose clock is off.
/// </summary>
/// <param name="Now">The server's clock.</param>
/// <param name="Hosts">Hosts; none for who may see his own environments only.</param>
/// <param name="Nodes">Nodes that the caller may see, with no samples where nothing is measured.</param>
/// <param name="Missing">Hosts that did not answer.</param>
public sealed record SamplesView(
    DateTimeOffset Now, ImmutableArray<HostLoadView> Hosts, ImmutableArray<NodeLoadView> Nodes,
    ImmutableArray<MissingSamples> Missing);

/// <summary>A host's samples.</summary>
/// <param name="Host">The host.</param>
/// <param name="Name">Its name.</param>
/// <param name="Samples">Oldest first.</param>
public sealed record HostLoadView(HostId Host, string Name, ImmutableArray<HostSample> Samples);

/// <summary>A node's samples.</summary>
/// <param name="Node">The node.</param>
/// <param name="Name">Its name.</param>
/// <param name="Environment">Name of its environment.</param>
/// <param name="HostName">Where it is; null when it is nowhere.</param>
/// <param name="Vcpus">Virtual CPUs it has.</param>
/// <param name="Samples">Oldest first.</param>
public sealed record NodeLoadView(
    NodeId Node, string Name, string Environment, string? HostName, int Vcpus, ImmutableArray<NodeSample> Samples);

/// <summary>A host that could not be asked.</summary>
/// <param name="HostName">Its name.</param>
/// <param name="Why">What to do.</param>
public sealed record MissingSamples(string HostName, Failure Why);
