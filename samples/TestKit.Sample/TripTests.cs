using VioActors.Runtime;
using VioActors.TestKit.Sample.Trips;

namespace VioActors.TestKit.Sample;

/// <summary>One actor of your own: what it answers, records, starts and sends, and what a crash does to it.</summary>
public sealed class TripTests
{
    [Fact]
    public void A_trip_is_booked_step_by_step()
    {
        using var actors = TestActors.Start(
            new ActorSetup(TripMessages.Codec).Add(new TripActor()).Hold("agency").StandIn("books"));
        var trip = actors.Actor<TripState>("trip", "t1");

        trip.Ask<TripAccepted>(new BookTrip("ann"));
        var seat = actors.ExpectEffect("agency");
        Assert.Equal(new AgencyCall("seat", Undo: false), seat.Effect.Payload);
        seat.Complete(new AgencyDone("seat", Undo: false));
        Assert.Equal("seat", trip.Expect<StepDone>().Step);

        actors.ExpectEffect("agency").Complete(new AgencyDone("money", Undo: false));
        Assert.True(trip.Expect<TripEnded>().Booked);
        Assert.Equal("ann", actors.ExpectHeard<TripSold>("books").Traveller);
        Assert.Equal(TripPhase.Booked, trip.State!.Phase);
    }

    [Fact]
    public void A_trip_is_asked_for_once()
    {
        using var actors = Start();
        var trip = actors.Actor<TripState>("trip", "t1");
        trip.Tell(new BookTrip("ann"));
        Assert.Equal("booked-before", trip.Refuses(new BookTrip("bob")).Code);
    }

    [Fact]
    public void An_undo_that_fails_is_tried_again_after_ten_seconds()
    {
        using var actors = TestActors.Start(
            new ActorSetup(TripMessages.Codec).Add(new TripActor()).Hold("agency").StandIn("books"));
        var trip = actors.Actor<TripState>("trip", "t1");
        trip.Tell(new BookTrip("ann"));
        actors.ExpectEffect("agency").Fail("sold-out", "The last seat is gone.");
        Assert.Equal("The last seat is gone.", trip.Expect<TripTurned>().Why);

        actors.ExpectEffect("agency").Fail("away");
        trip.Expect<UndoFailed>();
        var failedAt = actors.Now;
        var undo = actors.ExpectEffect("agency");
        Assert.Equal(TripActor.RetryUndo, actors.Now - failedAt);
        undo.Complete(new AgencyDone("seat", Undo: true));
        Assert.False(trip.Expect<TripEnded>().Booked);
    }

    [Fact]
    public void An_effect_that_was_running_when_the_server_died_runs_again_under_the_same_id()
    {
        using var actors = TestActors.Start(
            new ActorSetup(TripMessages.Codec).Add(new TripActor()).Hold("agency").StandIn("books"));
        actors.Actor<TripState>("trip", "t1").Tell(new BookTrip("ann"));
        var before = actors.ExpectEffect("agency").Effect;
        actors.Crash();
        actors.Restart();
        Assert.Equal(before, actors.ExpectEffect("agency").Effect);
    }

    [Fact]
    public void Whoever_asks_hears_the_answer_although_the_server_died_over_it()
    {
        using var actors = Start();
        var trip = actors.Actor<TripState>("trip", "t1");
        actors.CrashAtCommit(1, CrashMoment.After);
        trip.Ask<TripAccepted>(new BookTrip("ann"));
        trip.Expect<TripEnded>();
        trip.ExpectNo<TripBegan>(TimeSpan.FromMinutes(1), began => began.Traveller != "ann");
    }

    [Fact]
    public void A_crash_at_any_commit_loses_nothing_and_does_nothing_twice()
    {
        TestActors.CrashEverywhere(
            Setup,
            actors =>
            {
                var trip = actors.Actor<TripState>("trip", "t1");
                trip.Tell(new BookTrip("ann"));
                trip.Expect<TripEnded>(ended => ended.Booked);
                actors.ExpectHeard<TripSold>("books");
                Assert.Equal(4, trip.Events.Count);
                Assert.Empty(actors.DeadLetters);
            });
    }

    private static TestActors Start() => TestActors.Start(Setup());

    private static ActorSetup Setup() => new ActorSetup(TripMessages.Codec)
        .Add(new TripActor())
        .Handle(new TravelAgency())
        .StandIn(TripActor.Books.Kind);
}
