namespace VioActors.Runtime;

/// <summary>
/// The server stopped, or lost the shard, between sending a commit and learning its outcome. The request may or may
/// not have happened; repeating it under the same idempotency key is safe.
/// </summary>
public sealed class OutcomeUnknownException(string message) : Exception(message);

/// <summary>An actor stopped because its journal cannot be read by this version; the journal is untouched.</summary>
public sealed class ActorQuarantinedException(ActorKey actor, string reason)
    : Exception($"Actor {actor} is quarantined: {reason}")
{
    /// <summary>The actor that stopped.</summary>
    public ActorKey Actor { get; } = actor;
}

/// <summary>Thrown by an effect handler to give <see cref="EffectFailed"/> a stable code.</summary>
/// <param name="code">Stable machine-readable code.</param>
/// <param name="message">What failed, and the next step.</param>
public sealed class EffectException(string code, string message) : Exception(message)
{
    /// <summary>Stable machine-readable code.</summary>
    public string Code { get; } = code;
}

/// <summary>A stored or received name that no type is registered for.</summary>
public sealed class UnknownNameException(string name)
    : Exception($"No type is registered for '{name}'. It was written by a newer version: start that version again.")
{
    /// <summary>The name, with its version.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// The store cannot write or read now (disk full, I/O error). Nothing of the failed commit is stored.
/// </summary>
/// <param name="store">The file or address of the store.</param>
/// <param name="reason">What is wrong.</param>
/// <param name="remedy">The next step.</param>
/// <param name="inner">The database's own exception.</param>
public sealed class StoreUnavailableException(string store, string reason, string remedy, Exception? inner = null)
    : Exception($"The store {store} is unavailable: {reason}. {remedy}", inner)
{
    /// <summary>The file or address of the store.</summary>
    public string Store { get; } = store;

    /// <summary>The next step.</summary>
    public string Remedy { get; } = remedy;
}

/// <summary>Another process has the store open.</summary>
/// <param name="store">The file of the store.</param>
/// <param name="remedy">The next step.</param>
/// <param name="inner">The database's own exception.</param>
public sealed class StoreInUseException(string store, string remedy, Exception? inner = null)
    : Exception($"The store {store} is open in another process. {remedy}", inner)
{
    /// <summary>The file of the store.</summary>
    public string Store { get; } = store;
}

/// <summary>This server cannot answer for the actor now; another server may, or this one later.</summary>
public sealed class NotServingException(string reason) : Exception(reason);
