using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>A request that the rules do not allow: a value, not an exception.</summary>
/// <param name="Code">Stable machine-readable code, for example <c>name-taken</c>.</param>
/// <param name="Reason">One sentence that names the thing and the limit.</param>
/// <param name="Remedy">One sentence: the next step that would help.</param>
public sealed record Refusal(string Code, string Reason, string Remedy)
{
    /// <summary>The facts behind the reason, for programs.</summary>
    public ImmutableSortedDictionary<string, string> Facts { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>A message to another actor; leaves with the commit of the turn and is consumed exactly once.</summary>
public sealed record Send(ActorKey To, object Message);

/// <summary>
/// Work outside the actors. It starts after the commit, at least once, always under the same id, and its result
/// comes back to the actor as a message; <see cref="EffectFailed"/> when the handler threw.
/// </summary>
/// <param name="Id">Stable id; effect handlers use it to recognise a repetition.</param>
/// <param name="Kind">Which <see cref="IEffectHandler"/> does it.</param>
/// <param name="Payload">What to do; serialised with the turn.</param>
public sealed record Effect(string Id, string Kind, object Payload);

/// <summary>Sets, replaces or (with a null <paramref name="Due"/>) clears the actor's timer of that name.</summary>
public sealed record TimerChange(string Name, DateTimeOffset? Due, object? Message);

/// <summary>Tells an actor that an effect's handler threw; the effect is over.</summary>
/// <param name="EffectId">The effect's id.</param>
/// <param name="Payload">The payload of the effect, so that the actor knows what failed.</param>
/// <param name="Code">Stable code of the failure.</param>
/// <param name="Reason">Message of the exception.</param>
public sealed record EffectFailed(string EffectId, object Payload, string Code, string Reason);

/// <summary>What one turn does: one immutable value, committed as a whole or not at all.</summary>
public sealed record Decision
{
    /// <summary>The turn changes nothing and answers nothing.</summary>
    public static readonly Decision Nothing = new();

    /// <summary>Set when the request is refused; then everything but <see cref="Reply"/> is empty.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>What happened, in order. The runtime folds them with <see cref="IActor{TState}.Evolve"/>.</summary>
    public ImmutableArray<object> Events { get; init; } = [];

    /// <summary>Messages to other actors, in order.</summary>
    public ImmutableArray<Send> Sends { get; init; } = [];

    /// <summary>Work to start after the commit.</summary>
    public ImmutableArray<Effect> Effects { get; init; } = [];

    /// <summary>Ids of running effects to abandon; their results will not arrive.</summary>
    public ImmutableArray<string> CancelledEffects { get; init; } = [];

    /// <summary>Timers to set or clear.</summary>
    public ImmutableArray<TimerChange> Timers { get; init; } = [];

    /// <summary>The answer to whoever asked from outside; leaves after the commit.</summary>
    public object? Reply { get; init; }

    /// <summary>A refusal and nothing else.</summary>
    public static Decision Refuse(string code, string reason, string remedy) =>
        new() { Refusal = new Refusal(code, reason, remedy) };

    /// <summary>A refusal and nothing else.</summary>
    public static Decision Refuse(Refusal refusal) => new() { Refusal = refusal };

    /// <summary>This decision with more events at the end.</summary>
    public Decision Record(params ReadOnlySpan<object> events) => this with { Events = Events.AddRange(events) };

    /// <summary>This decision with one more message to an actor.</summary>
    public Decision Tell(ActorKey to, object message) => this with { Sends = Sends.Add(new Send(to, message)) };

    /// <summary>This decision with one more effect.</summary>
    public Decision Start(string id, string kind, object payload) =>
        this with { Effects = Effects.Add(new Effect(id, kind, payload)) };

    /// <summary>This decision with one more timer change.</summary>
    public Decision Wake(string name, DateTimeOffset due, object message) =>
        this with { Timers = Timers.Add(new TimerChange(name, due, message)) };

    /// <summary>This decision with a timer cleared.</summary>
    public Decision Unwake(string name) => this with { Timers = Timers.Add(new TimerChange(name, null, null)) };

    /// <summary>This decision with an answer to the asker.</summary>
    public Decision Answer(object reply) => this with { Reply = reply };

    /// <summary>Both decisions in one, this one first; the other's reply wins when it has one.</summary>
    public Decision Then(Decision other) => new()
    {
        Refusal = Refusal ?? other.Refusal,
        Events = Events.AddRange(other.Events),
        Sends = Sends.AddRange(other.Sends),
        Effects = Effects.AddRange(other.Effects),
        CancelledEffects = CancelledEffects.AddRange(other.CancelledEffects),
        Timers = Timers.AddRange(other.Timers),
        Reply = other.Reply ?? Reply,
    };
}
