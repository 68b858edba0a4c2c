namespace VioActors.Switch.DataPlane;

/// <summary>What a tunnel or the lane's socket counts. Names in status: the same in camel case.</summary>
internal enum TunnelCount
{
    DatagramsIn,
    DatagramsOut,
    BytesIn,
    BytesOut,
    FramesIn,
    FramesOut,
    KeepalivesIn,
    ClaimsIn,
    ClaimsOut,
    StragglersForwarded,
    FramesSalvaged,
    FramesMarked,
    ParityOut,
    LossReportsIn,
    RunTestsOut,
    RunTestsFailed,
    ProbesIn,
    ProbesOut,
    ProbesAnswered,
    PathChanges,
    DatagramsRelayed,
    BytesRelayed,
    RelayRefused,
    RelayLimited,
    HandshakesStarted,
    HandshakesCompleted,
    DropNoSession,
    DropTooLarge,
    DropStandingQueue,
    DropReplayed,
    DropForged,
    DropShort,
    DropBadMessage,
    DropWrongSource,
    DropSplitHorizon,
    DropUnknownUnicast,
    DropNotListed,
    DropQuarantined,
    DuplicatesFound,
    DropRunt,
    ClaimRefused,
    ClaimStale,
    RefusedFlood,
    RefusedReplay,
    RefusedClockSkew,
    RefusedVersion,
    RefusedCipher,
    RefusedIdentity,
    RefusedSignature,
    RefusedUnexpected,
    RefusedNoIdentity,
    DropGarbage,
    DropUnknownSession,
    DropUnknownEnvironment,
    DropUnknownHost,
    DropWrongLane,
}

/// <summary>What a port counts.</summary>
internal enum PortCount
{
    FramesFromNode,
    BytesFromNode,
    FramesToNode,
    BytesToNode,
    ArpAnswered,
    NeighborsAnswered,
    ServicesAnswered,
    AddressesDeclined,
    AddressesChosen,
    AddressesDefended,
    Announcements,
    FramesCrossed,
    FramesHeldBack,
    SuperFramesRefused,
    FramesMarked,
    DropRunt,
    DropMalformed,
    DropLinkLocalGroup,
    DropSpoofedMac,
    DropSpoofedArp,
    DropSpoofedIp,
    DropSpoofedNeighbor,
    DropUnsettledAddress,
    DropTooManyAddresses,
    DropRogueRouter,
    DropRogueDhcp,
    DropQuarantined,
    DropPortClosed,
    DropMovedAway,
    DropStorm,
    DropPairLimit,
    DropStandingQueue,
    DropPortLimit,
    DropNotServed,
    DropUnknownUnicast,
    DropNoTunnel,
    DropWriteFailed,
}

/// <summary>A fixed set of counters, indexed by an enum; written by the lane thread only.</summary>
internal sealed class Counters<T> where T : struct, Enum
{
    private static readonly string[] Names =
        [.. Enum.GetNames<T>().Select(n => char.ToLowerInvariant(n[0]) + n[1..])];

    private static readonly bool[] IsLoss = [.. Names.Select(DropReason.IsLoss)];

    private readonly long[] _values = new long[Names.Length];
    private int _lastLoss;

    public long this[T counter] => _values[Index(counter)];

    /// <summary>How often something was dropped or refused, all reasons together.</summary>
    public long Losses { get; private set; }

    /// <summary>Name of the counter that counted the last of them.</summary>
    public string LastDrop => Names[_lastLoss];

    public void Add(T counter, long amount = 1)
    {
        int index = Index(counter);
        _values[index] += amount;
        if (!IsLoss[index])
            return;
        Losses++;
        _lastLoss = index;
    }

    /// <summary>All counters by name, for status.</summary>
    public Dictionary<string, long> Snapshot()
    {
        var all = new Dictionary<string, long>(Names.Length);
        for (int i = 0; i < Names.Length; i++)
            all[Names[i]] = _values[i];
        return all;
    }

    // Enums here have the default underlying type; this does not box.
    private static int Index(T counter) => System.Runtime.CompilerServices.Unsafe.As<T, int>(ref counter);
}
