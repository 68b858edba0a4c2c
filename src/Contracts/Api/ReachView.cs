using System.Collections.Immutable;

namespace VioActors.Contracts.Api;

/// <summary>Who passes on for all hosts, and which ways lead through other hosts; by the hosts' names.</summary>
/// <param name="Relays">Hosts that pass on, ciphertext only, for hosts with which they share no environment.</param>
/// <param name="Routes">Chains of hosts whose neighbours reach each other while the others may not.</param>
public sealed record ReachView(ImmutableArray<string> Relays, ImmutableArray<ImmutableArray<string>> Routes);
