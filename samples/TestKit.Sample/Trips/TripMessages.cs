using VioActors.Runtime;

namespace VioActors.TestKit.Sample.Trips;

/// <summary>Asks for a trip.</summary>
public sealed record BookTrip(string Traveller);

/// <summary>The trip will be booked, or nothing of it.</summary>
public sealed record TripAccepted;

/// <summary>A step for the agency; doing it twice is doing it once.</summary>
public sealed record AgencyCall(string Step, bool Undo);

/// <summary>The agency did it.</summary>
public sealed record AgencyDone(string Step, bool Undo);

/// <summary>The time has come to try an undo again.</summary>
public sealed record TryAgain;

/// <summary>Tells the books what was sold.</summary>
public sealed record TripSold(string Traveller);

public sealed record TripBegan(string Traveller);

public sealed record StepDone(string Step);

public sealed record TripTurned(string Why);

public sealed record StepUndone(string Step);

public sealed record UndoFailed(string Step);

public sealed record TripEnded(bool Booked);

public static class TripMessages
{
    /// <summary>Names of everything that is stored or sent; they never change.</summary>
    public static readonly MessageCodec Codec = new(
    [
        ("trip.book/1", typeof(BookTrip)), ("trip.accepted/1", typeof(TripAccepted)),
        ("trip.agency-call/1", typeof(AgencyCall)), ("trip.agency-done/1", typeof(AgencyDone)),
        ("trip.try-again/1", typeof(TryAgain)), ("trip.sold/1", typeof(TripSold)),
        ("trip.began/1", typeof(TripBegan)), ("trip.step-done/1", typeof(StepDone)),
        ("trip.turned/1", typeof(TripTurned)), ("trip.step-undone/1", typeof(StepUndone)),
        ("trip.undo-failed/1", typeof(UndoFailed)), ("trip.ended/1", typeof(TripEnded)),
    ]);
}
