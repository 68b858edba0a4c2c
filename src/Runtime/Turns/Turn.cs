using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>One decided turn that waits for its commit.</summary>
/// <param name="Slot">The actor.</param>
/// <param name="Work">What it consumed; goes back to the mailbox when the commit fails.</param>
/// <param name="Writes">What the commit stores.</param>
/// <param name="After">The actor after this turn.</param>
/// <param name="Answer">What the asker gets once this is durable; null when nobody asked.</param>
internal sealed record Turn(ActorSlot Slot, Work Work, TurnWrites Writes, ActorImage After, AskResult? Answer)
{
    /// <summary>Effects to stop once this is durable: those that ended otherwise than by their own result.</summary>
    public ImmutableArray<EffectRow> Cancelled { get; init; } = [];

    /// <summary>What leaves the shard, apart from the answer, now that this turn is durable.</summary>
    public void LetOut(Queue<ShardOutput> outputs)
    {
        foreach (var effect in Cancelled)
            outputs.Enqueue(new ShardOutput.CancelEffect(effect));
        foreach (var effect in Writes.EffectsStarted)
            outputs.Enqueue(new ShardOutput.StartEffect(effect));
        foreach (var send in Writes.Sends)
            outputs.Enqueue(new ShardOutput.Deliver(send));
    }
}
