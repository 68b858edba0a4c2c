namespace VioActors.Switch.DataPlane;

/// <summary>The first byte of what a data datagram carries. Never given twice; unknown ones are counted and dropped.
/// </summary>
internal static class MessageKind
{
    /// <summary>Shows that the sender lives; one byte.</summary>
    public const byte Keepalive = 0;

    /// <summary>A slice of a super-frame (<see cref="SliceHeader"/>).</summary>
    public const byte Slice = 1;

    /// <summary>A MAC is on the sending host now.</summary>
    public const byte Claim = 2;

    /// <summary>Share of datagrams that did not arrive.</summary>
    public const byte Loss = 3;

    /// <summary>Asks for an answer on the same path (<see cref="PathMessages"/>).</summary>
    public const byte Probe = 4;

    /// <summary>That answer.</summary>
    public const byte ProbeReply = 5;

    /// <summary>Asks a common peer for the address that it sees another host at.</summary>
    public const byte WhereIs = 6;

    /// <summary>Tells such an address.</summary>
    public const byte SeenAt = 7;

    /// <summary>A datagram of the self-test of runs (<see cref="RunTests"/>).</summary>
    public const byte RunTest = 16;

    /// <summary>What arrived of one.</summary>
    public const byte RunReport = 17;
}
