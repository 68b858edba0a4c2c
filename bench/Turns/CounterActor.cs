using VioActors.Runtime;

namespace VioActors.Bench.Turns;

/// <summary>Asks for one more.</summary>
internal sealed record Increment(int By);

/// <summary>One more was counted.</summary>
internal sealed record Incremented(int By);

/// <summary>The count after the turn.</summary>
internal sealed record Counted(long Total);

/// <summary>What a counter knows.</summary>
internal sealed record CounterState(long Total);

/// <summary>The smallest actor that writes: one event and one reply per turn.</summary>
internal sealed class CounterActor : IActor<CounterState>
{
    /// <inheritdoc/>
    public string Kind => "counter";

    /// <summary>Names of what it stores.</summary>
    public static MessageCodec Codec() => new(
    [
        ("counter.increment/1", typeof(Increment)), ("counter.incremented/1", typeof(Incremented)),
        ("counter.counted/1", typeof(Counted)),
    ]);

    /// <summary>Key of the counter with this number.</summary>
    public static ActorKey Key(int number) => new("counter", $"c{number}");

    /// <inheritdoc/>
    public CounterState Initial(ActorKey self) => new(0);

    /// <inheritdoc/>
    public Decision Decide(CounterState state, object message, in TurnInfo info) => message is Increment one
        ? Decision.Nothing.Record(new Incremented(one.By)).Answer(new Counted(state.Total + one.By))
        : throw new InvalidOperationException($"Unknown message {message}.");

    /// <inheritdoc/>
    public CounterState Evolve(CounterState state, object @event) => @event is Incremented one
        ? state with { Total = state.Total + one.By }
        : throw new InvalidOperationException($"Unknown event {@event}.");
}
