using VioActors.TestKit.Sample.Trips;

namespace VioActors.TestKit.Sample;

/// <summary>The saga of your own against the suite that every saga must pass.</summary>
public sealed class TripSagaTests
{
    private static readonly SagaConformance Suite = new(NewScene);

    public static TheoryData<string> Names => [.. Suite.Cases.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Conforms(string name) => Suite.Cases.Single(one => one.Name == name).Run();

    private static SagaScene NewScene()
    {
        var agency = new TravelAgency();
        return new SagaScene
        {
            Actors = new ActorSetup(TripMessages.Codec).Add(new TripActor()).StandIn(TripActor.Books.Kind),
            Steps = [agency],
            Begin = actors => actors.Actor<TripState>("trip", "t1").Tell(new BookTrip("ann")),
            End = actors => actors.Actor<TripState>("trip", "t1").State!.Phase switch
            {
                TripPhase.Booked => SagaEnd.Done,
                TripPhase.Cancelled => SagaEnd.Undone,
                _ => SagaEnd.Running,
            },
            World = () => agency.Bookings,
        };
    }
}
