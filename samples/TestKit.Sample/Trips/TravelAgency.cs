using VioActors.Runtime;

namespace VioActors.TestKit.Sample.Trips;

/// <summary>
/// The world outside: who has a seat, and who paid. In production this calls another service, under the trip's id, so
/// that a call that comes twice changes nothing the second time.
/// </summary>
public sealed class TravelAgency : IEffectHandler
{
    private readonly SortedSet<string> _done = new(StringComparer.Ordinal);

    public string Kind => TripActor.Agency;

    /// <summary>All that is booked.</summary>
    public string Bookings => string.Join(", ", _done);

    public Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        var call = (AgencyCall)effect.Payload;
        var booking = $"{call.Step} of {actor.Id}";
        _ = call.Undo ? _done.Remove(booking) : _done.Add(booking);
        return Task.FromResult<object>(new AgencyDone(call.Step, call.Undo));
    }
}
