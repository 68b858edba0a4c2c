using VioActors.Runtime;

namespace VioActors.TestKit.Sample.Trips;

public enum TripPhase
{
    New,
    Booking,
    GivingBack,
    Booked,
    Cancelled,
}

/// <param name="Traveller">Who travels.</param>
/// <param name="Phase">Where the saga is.</param>
/// <param name="Step">Index of its current step.</param>
/// <param name="Attempt">Makes the ids of repeated undos differ.</param>
public sealed record TripState(string Traveller, TripPhase Phase, int Step, int Attempt);

/// <summary>A saga of two steps: a seat, then the money. When one fails, it is undone with those before it.</summary>
public sealed class TripActor : IActor<TripState>
{
    public const string ActorKind = "trip";
    public const string Agency = "agency";
    public static readonly ActorKey Books = new("books", "agency");
    public static readonly TimeSpan RetryUndo = TimeSpan.FromSeconds(10);
    private static readonly string[] Steps = ["seat", "money"];

    public string Kind => ActorKind;

    public TripState Initial(ActorKey self) => new("", TripPhase.New, 0, 0);

    public Decision Decide(TripState state, object message, in TurnInfo info) => message switch
    {
        BookTrip when state.Phase != TripPhase.New =>
            Decision.Refuse("booked-before", $"Trip {info.Self.Id} was asked for before.", "Choose another id."),
        BookTrip book => Do(Decision.Nothing.Record(new TripBegan(book.Traveller)).Answer(new TripAccepted()), 0),
        AgencyDone { Undo: false } when state.Step + 1 < Steps.Length =>
            Do(Decision.Nothing.Record(new StepDone(Steps[state.Step])), state.Step + 1),
        AgencyDone { Undo: false } => Decision.Nothing
            .Record(new StepDone(Steps[state.Step]), new TripEnded(Booked: true))
            .Tell(Books, new TripSold(state.Traveller)),
        // It may have been done, and only its answer was lost: the failed step is undone, too.
        EffectFailed failed when state.Phase == TripPhase.Booking =>
            Undo(Decision.Nothing.Record(new TripTurned(failed.Reason)), state.Step, 0),
        EffectFailed => Decision.Nothing.Record(new UndoFailed(Steps[state.Step]))
            .Wake("retry", info.Now + RetryUndo, new TryAgain()),
        TryAgain => Undo(Decision.Nothing, state.Step, state.Attempt),
        AgencyDone when state.Step > 0 =>
            Undo(Decision.Nothing.Record(new StepUndone(Steps[state.Step])), state.Step - 1, 0),
        AgencyDone => Decision.Nothing.Record(new StepUndone(Steps[0]), new TripEnded(Booked: false)),
        _ => throw new InvalidOperationException($"Unknown message {message}."),
    };

    public TripState Evolve(TripState state, object @event) => @event switch
    {
        TripBegan began => state with { Traveller = began.Traveller, Phase = TripPhase.Booking },
        StepDone => state with { Step = Math.Min(state.Step + 1, Steps.Length - 1) },
        TripTurned => state with { Phase = TripPhase.GivingBack },
        StepUndone => state with { Step = Math.Max(state.Step - 1, 0), Attempt = 0 },
        UndoFailed => state with { Attempt = state.Attempt + 1 },
        TripEnded ended => state with { Phase = ended.Booked ? TripPhase.Booked : TripPhase.Cancelled },
        _ => throw new InvalidOperationException($"Unknown event {@event}."),
    };

    private static Decision Do(Decision decision, int step) =>
        decision.Start($"do-{Steps[step]}", Agency, new AgencyCall(Steps[step], Undo: false));

    private static Decision Undo(Decision decision, int step, int attempt) =>
        decision.Start($"undo-{Steps[step]}-{attempt}", Agency, new AgencyCall(Steps[step], Undo: true));
}
