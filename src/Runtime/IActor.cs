namespace VioActors.Runtime;

/// <summary>
/// One kind of actor: two pure functions over an immutable state. Neither does I/O, reads a clock, draws random
/// numbers, logs or awaits; the same inputs give the same result on every server and in every replay.
/// </summary>
/// <typeparam name="TState">A sealed record; serialised for snapshots.</typeparam>
public interface IActor<TState> where TState : class
{
    /// <summary>Lower-case word, the first part of the keys of these actors. Never changes.</summary>
    string Kind { get; }

    /// <summary>The state before the first event.</summary>
    TState Initial(ActorKey self);

    /// <summary>Decides what one message means. Refuse by value; throw only for a bug.</summary>
    Decision Decide(TState state, object message, in TurnInfo info);

    /// <summary>The state after one event. Total over every event ever written.</summary>
    TState Evolve(TState state, object @event);
}

/// <summary>Does the work of one kind of effect, outside any turn.</summary>
public interface IEffectHandler
{
    /// <summary>The <see cref="Effect.Kind"/> that this handler takes.</summary>
    string Kind { get; }

    /// <summary>
    /// Does the work and returns the message for the actor. Runs at least once per effect, after a crash again with
    /// the same <see cref="Effect.Id"/>, so it must be idempotent. May run at the same time as other effects.
    /// </summary>
    /// <param name="actor">The actor that started the effect and will get the result.</param>
    /// <param name="effect">What to do.</param>
    /// <param name="cancel">Ends when the actor cancelled the effect or this server stops owning it.</param>
    Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel);
}
