using static VioActors.TestKit.ConformanceException;

namespace VioActors.TestKit;

/// <summary>
/// What every saga must do, whatever its steps are: end, and leave everything or nothing. Each case runs the saga many
/// times: once for each call of a step it makes, going forward or back. Needs no test framework.
/// </summary>
/// <param name="newScene">Makes actors and world anew, the same every time.</param>
/// <param name="seed">Draws the order of what is ready at the same time.</param>
public sealed class SagaConformance(Func<SagaScene> newScene, int seed = 1)
{
    /// <summary>Virtual time in which a saga must end, its own waits and retries included.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The cases, by name; a body throws <see cref="ConformanceException"/>.</summary>
    public IReadOnlyList<(string Name, Func<Task> Run)> Cases =>
    [
        ("undisturbed it is done", Case(() => Undisturbed())),
        ("a step that fails leaves everything or nothing", Case(() => EveryCall(Disturbance.Fails))),
        ("a step that is done and says it failed leaves everything or nothing",
            Case(() => EveryCall(Disturbance.LosesAnswer))),
        ("a step that comes twice is done once", Case(Repeated)),
        ("an undo that comes twice is done once", Case(() => EveryUndo(Disturbance.ComesTwice))),
        ("an undo that fails is tried again", Case(() => EveryUndo(Disturbance.Fails))),
        ("a crash at any commit changes nothing", Case(Crashes)),
    ];

    private Outcome Undisturbed()
    {
        var outcome = Run([]);
        RequireEqual(SagaEnd.Done, outcome.End, "the saga without disturbance");
        RequireEqual(true, outcome.Calls > 0, "whether the saga has steps");
        RequireEqual(true, outcome.World != newScene().World(), "whether the saga changes the world");
        return outcome;
    }

    private void EveryCall(Disturbance disturbance)
    {
        var done = Undisturbed();
        for (var call = 1; call <= done.Calls; call++)
            AllOrNothing(done, Run([(call, disturbance)]), $"call {call} of {done.Calls} {disturbance}");
    }

    private void Repeated()
    {
        var done = Undisturbed();
        for (var call = 1; call <= done.Calls; call++)
        {
            var outcome = Run([(call, Disturbance.ComesTwice)]);
            RequireEqual((SagaEnd.Done, done.World), (outcome.End, outcome.World), $"call {call} came twice");
        }
    }

    private void EveryUndo(Disturbance disturbance)
    {
        var done = Undisturbed();
        for (var call = 1; call <= done.Calls; call++)
        {
            var calls = Run([(call, Disturbance.Fails)]).Calls;
            for (var undo = call + 1; undo <= calls; undo++)
                AllOrNothing(
                    done, Run([(call, Disturbance.Fails), (undo, disturbance)]),
                    $"call {call} failed, and then call {undo} of {calls} {disturbance}");
        }
    }

    private void Crashes()
    {
        var done = Undisturbed();
        foreach (var moment in Enum.GetValues<CrashMoment>())
            for (var commit = 1; commit <= done.Commits; commit++)
            {
                var outcome = Run([], (commit, moment));
                RequireEqual(
                    (SagaEnd.Done, done.World), (outcome.End, outcome.World),
                    $"a crash {moment} commit {commit} of {done.Commits}");
            }
    }

    private void AllOrNothing(Outcome done, Outcome outcome, string what)
    {
        RequireEqual(true, outcome.End != SagaEnd.Running, $"{what}: whether it ended within {Patience}");
        RequireEqual(
            outcome.End == SagaEnd.Done ? done.World : newScene().World(), outcome.World,
            $"{what}, and it ended {outcome.End}: the world");
    }

    private Outcome Run(
        IEnumerable<(int Call, Disturbance What)> disturbances, (int Commit, CrashMoment Moment)? crash = null)
    {
        var scene = newScene();
        var steps = new DisturbedSteps(disturbances.ToDictionary(one => one.Call, one => one.What));
        foreach (var handler in scene.Steps) scene.Actors.Handle(steps.Before(handler));
        using var actors = TestActors.Start(scene.Actors, seed);
        if (crash is { } at) actors.CrashAtCommit(at.Commit, at.Moment);
        scene.Begin(actors);
        var step = TimeSpan.FromSeconds(1);
        var limit = actors.Now + Patience;
        while (scene.End(actors) == SagaEnd.Running && actors.Now < limit) actors.Advance(step);
        return new Outcome(scene.End(actors), scene.World(), steps.Calls, actors.Commits);
    }

    private static Func<Task> Case(Action body) => () =>
    {
        body();
        return Task.CompletedTask;
    };

    private sealed record Outcome(SagaEnd End, string World, int Calls, int Commits);
}
