namespace VioActors.Runtime;

/// <summary>
/// What an outside caller gets: a reply, a <see cref="Refusal"/> or <see cref="Busy"/>; the last two exclude a reply.
/// </summary>
public sealed record AskResult
{
    /// <summary>The turn's answer; null when the turn gave none, or was refused, or did not run.</summary>
    public object? Reply { get; private init; }

    /// <summary>Set when the actor refused; nothing changed.</summary>
    public Refusal? Refusal { get; private init; }

    /// <summary>Set when the request was not taken; nothing changed and the same request may be repeated.</summary>
    public Busy? Busy { get; private init; }

    /// <summary>True when the turn ran and is durable.</summary>
    public bool IsDone => Refusal is null && Busy is null;

    /// <summary>
    /// Not taken because the shard is on another server, or on its way there; with <see cref="Busy"/>.
    /// </summary>
    public bool IsElsewhere { get; private init; }

    /// <summary>The turn is durable and answered this.</summary>
    public static AskResult Done(object? reply) => new() { Reply = reply };

    /// <summary>The actor refused.</summary>
    public static AskResult Refuse(Refusal refusal) => new() { Refusal = refusal };

    /// <summary>The shard is not here.</summary>
    public static AskResult Elsewhere(TimeSpan retryAfter, string reason) =>
        new() { Busy = new Busy(retryAfter, reason), IsElsewhere = true };

    /// <summary>Not taken now.</summary>
    public static AskResult Later(TimeSpan retryAfter, string reason) => new() { Busy = new Busy(retryAfter, reason) };
}

/// <summary>The request was not taken because a limit is reached or the store is away.</summary>
/// <param name="RetryAfter">When it makes sense to try again.</param>
/// <param name="Reason">One sentence that names the limit.</param>
public sealed record Busy(TimeSpan RetryAfter, string Reason);
