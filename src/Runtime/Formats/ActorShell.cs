using System.Text.Json;

namespace VioActors.Runtime;

/// <summary>One kind of actor as the machine sees it: its state is an opaque object.</summary>
internal abstract class ActorShell
{
    public abstract string Kind { get; }

    /// <summary>See <see cref="StateSchema"/>.</summary>
    public abstract string Schema { get; }

    public abstract object Initial(ActorKey self);

    public abstract Decision Decide(object state, object message, in TurnInfo info);

    public abstract object Evolve(object state, object @event);

    /// <summary>
    /// Null when the state cannot be written; the actor then lives without snapshots, from its journal.
    /// </summary>
    public abstract string? Write(object state, JsonSerializerOptions json);

    /// <summary>Null when the snapshot does not fit the type after all.</summary>
    public abstract object? Read(string snapshot, JsonSerializerOptions json);
}

/// <summary>Wraps what the application registered.</summary>
internal sealed class ActorShell<TState>(IActor<TState> actor) : ActorShell where TState : class
{
    public override string Kind => actor.Kind;

    public override string Schema { get; } = StateSchema.Of(typeof(TState));

    public override object Initial(ActorKey self) => actor.Initial(self);

    public override Decision Decide(object state, object message, in TurnInfo info) =>
        actor.Decide((TState)state, message, info);

    public override object Evolve(object state, object @event) => actor.Evolve((TState)state, @event);

    public override string? Write(object state, JsonSerializerOptions json)
    {
        try
        {
            return JsonSerializer.Serialize((TState)state, json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    public override object? Read(string snapshot, JsonSerializerOptions json)
    {
        try
        {
            return JsonSerializer.Deserialize<TState>(snapshot, json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
