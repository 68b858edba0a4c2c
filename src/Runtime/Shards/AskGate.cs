namespace VioActors.Runtime;

/// <summary>
/// Where requests from outside enter and leave one shard. Holds the idempotency keys of requests inside: a second one
/// under the same key is looked up only after the first has left, when its stored reply can be seen.
/// </summary>
internal sealed class AskGate(Limits limits, Queue<ShardOutput> outputs)
{
    private readonly HashSet<(ActorKey, string, string)> _keys = [];
    private DateTimeOffset _closedUntil = DateTimeOffset.MinValue;
    private string _reason = "";

    /// <summary>No request and no turn before this time.</summary>
    public DateTimeOffset ClosedUntil => _closedUntil;

    public void Close(DateTimeOffset until, string reason) => (_closedUntil, _reason) = (until, reason);

    public void Open() => _closedUntil = DateTimeOffset.MinValue;

    /// <summary>Lets a request in, or answers Busy. One with a key first needs its lookup.</summary>
    /// <returns>True when the request may go to its mailbox now.</returns>
    public bool Enter(Ask ask, int mailboxDepth, int shardDepth, DateTimeOffset now)
    {
        if (now < _closedUntil)
            TurnAway(ask, limits.StoreRetry, _reason);
        else if (mailboxDepth >= limits.MailboxDepth)
            TurnAway(ask, limits.RetryDelay, $"The mailbox of {ask.To} holds {mailboxDepth} messages, its limit.");
        else if (shardDepth >= limits.ShardDepth)
            TurnAway(ask, limits.RetryDelay, $"The shard of {ask.To} holds {shardDepth} messages, its limit.");
        else if (ask.IdempotencyKey is null)
            return true;
        else if (_keys.Add(KeyOf(ask)))
            outputs.Enqueue(new ShardOutput.FindResult(ask));
        else
            TurnAway(ask, limits.RetryDelay, "The same request is being worked on.");
        return false;
    }

    /// <summary>Lets an answer out; it waits in the outputs until the driver performs them.</summary>
    public void Leave(Ask ask, AskResult result)
    {
        if (ask.IdempotencyKey is not null)
            _keys.Remove(KeyOf(ask));
        outputs.Enqueue(new ShardOutput.Release(ask, result));
    }

    /// <summary>Answers Busy to a request that never entered.</summary>
    public void TurnAway(Ask ask, TimeSpan retryAfter, string reason) =>
        outputs.Enqueue(new ShardOutput.Release(ask, AskResult.Later(retryAfter, reason)));

    /// <summary>The stored reply answers the request, if it is the same request.</summary>
    public void Repeat(Ask ask, ResultRow found, object? reply) => Leave(ask, found.BodyHash == ask.BodyHash
        ? AskResult.Done(reply)
        : AskResult.Refuse(new Refusal(
            "idempotency-conflict", $"The idempotency key '{ask.IdempotencyKey}' was used for another request.",
            "Use a fresh key for a new request.")));

    private static (ActorKey, string, string) KeyOf(Ask ask) => (ask.To, ask.Principal, ask.IdempotencyKey!);
}
