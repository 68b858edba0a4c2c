namespace VioActors.Bench.Overlay;

/// <summary>
/// Everything that is measured, and what measures, goes before what else this machine does: all systems alike, so that
/// it changes no comparison, but a busy machine disturbs less.
/// </summary>
internal static class OverlayPriority
{
    private const int Nice = -10;

    /// <summary>To be put before a program and its arguments.</summary>
    public static IReadOnlyList<string> Command { get; } = ["nice", "-n", $"{Nice}"];

    /// <summary>Raises the calling thread, which must be a dedicated one.</summary>
    public static void Raise() => _ = OverlayNative.setpriority(which: 0, id: 0, Nice);
}
