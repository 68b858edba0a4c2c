namespace VioActors.Mutants;

/// <summary>One campaign for all tests; says at its end how many mutants were caught.</summary>
public sealed class MutantFixture : IAsyncLifetime
{
    internal Campaign Campaign { get; } = new(Mutant.All, TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            Console.WriteLine(await Campaign.SummaryAsync());
        }
        catch (Exception)
        {
            // A test has said what is wrong.
        }

        await Campaign.DisposeAsync();
    }
}
