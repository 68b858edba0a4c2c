namespace VioActors.Daemon.Demo;

/// <summary>A step of the demo did not hold; the message says what was expected and what was seen.</summary>
internal sealed class DemoFailedException(string message) : Exception(message)
{
    /// <summary>Throws unless <paramref name="holds"/>.</summary>
    public static void Unless(bool holds, string message)
    {
        if (!holds) throw new DemoFailedException(message);
    }
}
