using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>What a system is doing: one consistent look, taken after the last burst of its loop.</summary>
/// <param name="Reason">Why it does not serve; empty when it does.</param>
/// <param name="ShardsOwned">Shards that this server owns.</param>
/// <param name="ShardCount">Shards there are.</param>
/// <param name="Turns">Turns completed since the start.</param>
/// <param name="Commits">Batches committed since the start.</param>
/// <param name="MailboxDepth">Messages that wait for a turn.</param>
/// <param name="LoadedActors">Actors with their state in memory.</param>
/// <param name="EffectsRunning">Effect handlers at work.</param>
/// <param name="Quarantined">Actors that stopped, by key, with the reason.</param>
public sealed record SystemStats(
    string Reason, int ShardsOwned, int ShardCount, long Turns, long Commits, int MailboxDepth, int LoadedActors,
    int EffectsRunning, ImmutableSortedDictionary<string, string> Quarantined)
{
    /// <summary>Before the start.</summary>
    public static readonly SystemStats None = new(
        "The system is not started.", 0, 0, 0, 0, 0, 0, 0, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>True when requests are taken: shards are owned and loaded, and the store works.</summary>
    public bool IsServing => Reason.Length == 0;
}
