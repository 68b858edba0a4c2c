namespace VioActors.TestKit.Tests;

public sealed class SagaConformanceTests
{
    public static TheoryData<string> Names => [.. Suite(Flaw.None).Cases.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_good_saga_conforms(string name) => Run(Flaw.None, name);

    /// <summary>Control: each flaw is found by the case that is about it.</summary>
    [Theory]
    [InlineData(Flaw.ForgetsFailedStep, "a step that is done and says it failed leaves everything or nothing")]
    [InlineData(Flaw.ForgetsFailedUndo, "an undo that fails is tried again")]
    [InlineData(Flaw.DoesTwice, "a step that comes twice is done once")]
    [InlineData(Flaw.UndoesTwice, "an undo that comes twice is done once")]
    [InlineData(Flaw.NeverEnds, "a step that fails leaves everything or nothing")]
    [InlineData(Flaw.HarmedByCrash, "a crash at any commit changes nothing")]
    public async Task A_flaw_is_found(Flaw flaw, string name) =>
        await Assert.ThrowsAsync<ConformanceException>(() => Run(flaw, name));

    private static Task Run(Flaw flaw, string name) => Suite(flaw).Cases.Single(one => one.Name == name).Run();

    private static SagaConformance Suite(Flaw flaw) => new(() =>
    {
        var world = new World(flaw);
        return new SagaScene
        {
            Actors = new ActorSetup(Pair.Codec).Add(new Pair(flaw)),
            Steps = [world],
            Begin = actors => actors.Actor<PairState>("pair", "p").Tell(new Go()),
            End = actors => actors.Actor<PairState>("pair", "p").State switch
            {
                { Over: true, Done: true } => SagaEnd.Done,
                { Over: true } => SagaEnd.Undone,
                _ => SagaEnd.Running,
            },
            World = () => world.Shown,
        };
    })
    {
        Patience = TimeSpan.FromMinutes(5),
    };
}
