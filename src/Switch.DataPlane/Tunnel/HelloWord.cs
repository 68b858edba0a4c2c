namespace VioActors.Switch.DataPlane;

/// <summary>
/// The 32 bits of a hello: capabilities, and in the highest three how many lanes the sender has, less one. A build that
/// does not know these reads capabilities it does not know, and ignores them.
/// </summary>
internal static class HelloWord
{
    private const int LanesShift = 29;
    private const uint CapabilityBits = (1U << LanesShift) - 1;

    /// <param name="capabilities">What the sender can do.</param>
    /// <param name="lanes">1 to <see cref="Limits.MaxLanes"/>.</param>
    public static uint Of(TunnelCapabilities capabilities, int lanes) =>
        (uint)capabilities & CapabilityBits | (uint)(lanes - 1) << LanesShift;

    public static TunnelCapabilities Capabilities(uint word) => (TunnelCapabilities)(word & CapabilityBits);

    public static int Lanes(uint word) => (int)(word >> LanesShift) + 1;
}
