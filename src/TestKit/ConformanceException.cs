namespace VioActors.TestKit;

/// <summary>A promise of a contract does not hold; the message says which, what was expected and what came.</summary>
public sealed class ConformanceException(string message) : Exception(message)
{
    /// <summary>Throws unless both are equal.</summary>
    public static void RequireEqual<T>(T expected, T actual, string promise)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new ConformanceException($"{promise}: expected {expected}, got {actual}.");
    }

    /// <summary>Throws unless both have equal elements in the same order.</summary>
    public static void RequireSequence<T>(IEnumerable<T> expected, IEnumerable<T> actual, string promise) =>
        RequireEqual(string.Join(" | ", expected), string.Join(" | ", actual), promise);
}
