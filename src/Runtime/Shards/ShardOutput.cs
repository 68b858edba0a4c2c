namespace VioActors.Runtime;

/// <summary>
/// What a <see cref="ShardMachine"/> wants done. The driver does it, in order, and reports back by a call.
/// </summary>
internal abstract record ShardOutput
{
    /// <summary>Read an actor's history; then <see cref="ShardMachine.ActorLoaded"/>.</summary>
    public sealed record LoadActor(ActorKey Actor, string Schema) : ShardOutput;

    /// <summary>Look an idempotency key up; then <see cref="ShardMachine.ResultFound"/>.</summary>
    public sealed record FindResult(Ask Ask) : ShardOutput;

    /// <summary>
    /// Store a batch; then <see cref="ShardMachine.BatchEnded"/> or <see cref="ShardMachine.BatchFailed"/>.
    /// </summary>
    public sealed record Commit(ShardBatch Batch) : ShardOutput;

    /// <summary>Let an answer out.</summary>
    public sealed record Release(Ask Ask, AskResult Result) : ShardOutput;

    /// <summary>Start an effect; then <see cref="ShardMachine.EffectEnded"/>.</summary>
    public sealed record StartEffect(EffectRow Effect) : ShardOutput;

    /// <summary>Stop an effect if it still runs; its result is not wanted.</summary>
    public sealed record CancelEffect(EffectRow Effect) : ShardOutput;

    /// <summary>A durable message for another shard, or this one: <see cref="ShardMachine.Arrive"/> there.</summary>
    public sealed record Deliver(InboxRow Row) : ShardOutput;

    /// <summary>The machine's memory is out of date: drop it, and claim the shard again.</summary>
    public sealed record Lost(string Reason) : ShardOutput;
}
