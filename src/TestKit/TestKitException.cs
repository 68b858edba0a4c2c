namespace VioActors.TestKit;

/// <summary>
/// What a test waited for did not come. The message says the phase, the seed, what was expected, what was there, and
/// the last events.
/// </summary>
public sealed class TestKitException : Exception
{
    /// <param name="phase">What the test was doing.</param>
    /// <param name="seed">Reproduces the run.</param>
    /// <param name="expected">What should have come.</param>
    /// <param name="actual">What came.</param>
    /// <param name="lastEvents">The end of the journal, one line each, oldest first.</param>
    public TestKitException(
        string phase, int seed, string expected, string actual, IReadOnlyList<string> lastEvents)
        : base($"{phase} (seed {seed}): expected {expected}; {actual}.\nlast events:\n"
            + (lastEvents.Count == 0 ? "  none" : string.Join('\n', lastEvents.Select(line => $"  {line}"))))
    {
        Phase = phase;
        Seed = seed;
    }

    /// <param name="phase">What the test was doing.</param>
    /// <param name="seed">Reproduces the run.</param>
    /// <param name="inner">How it failed.</param>
    public TestKitException(string phase, int seed, Exception inner)
        : base($"{phase} (seed {seed}): {inner.Message}", inner)
    {
        Phase = phase;
        Seed = seed;
    }

    /// <summary>What the test was doing.</summary>
    public string Phase { get; }

    /// <summary>Reproduces the run.</summary>
    public int Seed { get; }
}
