namespace VioActors.Mutants;

/// <summary>
/// Proves that the simulation can find what it looks for: each fault that is put into a copy of the source must be
/// found, and the source as it is must pass. After the idea of mutation testing (DeMillo, Lipton and Sayward, 1978).
/// </summary>
public sealed class MutantTests(MutantFixture fixture) : IClassFixture<MutantFixture>
{
    private const int Fewest = 80;

    public static TheoryData<string> Names => [.. Mutant.All.Select(mutant => mutant.Name)];

    [Fact]
    public void There_are_mutants() => Assert.True(Mutant.All.Count >= Fewest, $"only {Mutant.All.Count} patches");

    // Control: a simulation that fails by itself would find every mutant.
    [Fact]
    public async Task The_source_as_it_is_passes()
    {
        Assert.SkipWhen(fixture.Campaign.Lack is not null, fixture.Campaign.Lack ?? "");
        var control = await fixture.Campaign.Control;
        Assert.True(control.Passed, $"The simulation fails without a fault.\n{control.Output}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_simulation_finds(string name)
    {
        Assert.SkipWhen(fixture.Campaign.Lack is not null, fixture.Campaign.Lack ?? "");
        Assert.True(
            (await fixture.Campaign.Control).Passed,
            "The simulation fails without a fault, so a failure with one proves nothing.");
        var mutant = Mutant.Of(name);
        var verdict = await fixture.Campaign.VerdictAsync(mutant);
        Assert.False(verdict.Passed, $"{name} is not found. {mutant.Fault}");
        Assert.True(verdict.Violation is not null,
            $"{name} ends the simulation, and not by a broken rule. {mutant.Fault}\n{verdict.Output}");
        TestContext.Current.TestOutputHelper?.WriteLine(verdict.Violation);
    }
}
