using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.Testing;

/// <summary>
/// Runs one actor turn by turn and holds every turn to the rules: deciding twice gives the same, a refusal does nothing
/// else, every event and the state survive JSON, and the journal replays to the same state.
/// </summary>
internal sealed class ActorHarness<TState>(IActor<TState> actor, ActorKey self) where TState : class
{
    private int _turn;

    internal ActorKey Self { get; } = self;
    internal TState State { get; private set; } = actor.Initial(self);
    internal List<object> Journal { get; } = [];
    internal DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A message of a person, of an agent's connection, of an effect or of a timer.</summary>
    internal Decision Ask(object message, string principal = "system:system") => Turn(message, null, principal);

    /// <summary>A message of another actor; its principal is whoever asked for the work, here a mere viewer.</summary>
    internal Decision Hear(ActorKey sender, object message) => Turn(message, sender, "viewer:eve");

    private Decision Turn(object message, ActorKey? sender, string principal)
    {
        var info = new TurnInfo(Now, $"turn-{++_turn}", Self, sender, principal, Generation: 7);
        var decision = actor.Decide(State, message, info);
        Assert.Equal(Json(decision), Json(actor.Decide(State, message, info)));
        if (decision.Refusal is { } refusal)
        {
            AssertReadable(refusal.Code, refusal.Reason, refusal.Remedy);
            Assert.Empty(decision.Events);
            Assert.Empty(decision.Sends);
            Assert.Empty(decision.Effects);
        }
        foreach (var happened in decision.Events)
        {
            var stored = JsonSerializer.Deserialize(Json(happened), happened.GetType(), Wire.Json)!;
            Journal.Add(stored);
            State = actor.Evolve(State, stored);
        }
        foreach (var carried in decision.Sends.Select(send =>
            send.Message).Concat(decision.Effects.Select(e => e.Payload)))
            Assert.Equal(Json(carried), Json(JsonSerializer.Deserialize(Json(carried), carried.GetType(), Wire.Json)!));
        return decision;
    }

    /// <summary>The journal gives this state again, twice, and so does a snapshot.</summary>
    internal void AssertReplays()
    {
        for (var i = 0; i < 2; i++)
            Assert.Equal(Json(State), Json(Journal.Aggregate(actor.Initial(Self), actor.Evolve)));
        Assert.Equal(Json(State), Json(JsonSerializer.Deserialize<TState>(Json(State), Wire.Json)!));
    }

    internal static string Json(object value) => value is Decision decision
        ? string.Join('\n', [
            Json(decision.Refusal ?? (object)""), .. decision.Events.Select(Json),
            .. decision.Sends.Select(send => send.To + Json(send.Message)),
            .. decision.Effects.Select(effect => effect.Id + Json(effect.Payload)), .. decision.CancelledEffects,
            .. decision.Timers.Select(timer => $"{timer.Name} {timer.Due}"), Json(decision.Reply ?? "")])
        : JsonSerializer.Serialize(value, value.GetType(), Wire.Json);

    /// <summary>Holds for refusals and failures alike: a code, a full sentence of reason and one of remedy.</summary>
    internal static void AssertReadable(string code, string reason, string remedy)
    {
        Assert.Matches("^[a-z][a-z-]+$", code);
        Assert.Matches("^(?s)['A-Z].{15,}\\.$", reason);
        Assert.Matches("^[A-Z].{10,}\\.$", remedy);
    }
}

internal static class DecisionReading
{
    /// <summary>All messages of a type that the decision sends.</summary>
    internal static ImmutableArray<T> Sent<T>(this Decision decision) =>
        [.. decision.Sends.Select(send => send.Message).OfType<T>()];

    /// <summary>The only message of a type that the decision sends.</summary>
    internal static T One<T>(this Decision decision) => Assert.Single(decision.Sent<T>());
}
