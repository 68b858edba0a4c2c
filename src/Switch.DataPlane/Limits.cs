namespace VioActors.Switch.DataPlane;

/// <summary>
/// Every bound of the data plane in one place. The relations between them are asserted by <see cref="Check"/> when a
/// daemon starts, so that a changed number cannot silently break another.
/// </summary>
public static class Limits
{
    /// <summary>Bytes of the virtio_net_hdr that precedes each frame on a TAP and in a super-frame.</summary>
    public const int VnetHeaderBytes = 12;

    /// <summary>Largest Ethernet frame read from or written to a port, in bytes, without the virtio header.</summary>
    public const int MaxFrameBytes = 65_550;

    /// <summary>Largest super-frame: virtio header and frame.</summary>
    public const int MaxSuperFrameBytes = VnetHeaderBytes + MaxFrameBytes;

    /// <summary>Most slices of one super-frame; the reassembly bitmap is one 64-bit word.</summary>
    public const int MaxSlices = 64;

    /// <summary>Super-frames under reassembly at once in one lane; each holds one preallocated buffer.</summary>
    public const int ReassemblySlots = 64;

    /// <summary>
    /// Super-frames under reassembly at once from one session, so that one peer cannot starve the others.
    /// </summary>
    public const int ReassemblySlotsPerSession = 8;

    /// <summary>How long an incomplete super-frame is kept, in milliseconds.</summary>
    public const int ReassemblyMs = 250;

    /// <summary>
    /// How long a super-frame that lacks datagrams waits for them when nothing comes after it, in milliseconds; then
    /// what is whole of it is passed on.
    /// </summary>
    public const int SalvageMs = 10;

    /// <summary>Bits of the replay window that are always usable.</summary>
    public const int ReplayWindow = 4032;

    /// <summary>Smallest accepted underlay MTU option, in bytes.</summary>
    public const int MinUnderlayMtu = 1280;

    /// <summary>Largest accepted underlay MTU option, in bytes.</summary>
    public const int MaxUnderlayMtu = 9216;

    /// <summary>Largest datagram that the tunnel sends or parses, in bytes; handshakes carry a certificate.</summary>
    public const int MaxDatagramBytes = 9216;

    /// <summary>Largest certificate chain in a handshake, DER, in bytes.</summary>
    public const int MaxChainBytes = 4096;

    /// <summary>Most certificates in that chain.</summary>
    public const int MaxChainCertificates = 3;

    /// <summary>Environments on one host.</summary>
    public const int MaxEnvironments = 256;

    /// <summary>Ports on one host.</summary>
    public const int MaxPorts = 1024;

    /// <summary>Hosts of one environment, and of the group of relays.</summary>
    public const int MaxMembers = 512;

    /// <summary>Nodes of one environment.</summary>
    public const int MaxTableEntries = 4096;

    /// <summary>Characters of an environment, host or node id.</summary>
    public const int MaxIdChars = 128;

    /// <summary>Characters of an interface name (the kernel's IFNAMSIZ without the terminator).</summary>
    public const int MaxInterfaceNameChars = 15;

    /// <summary>
    /// Live sessions with one peer in one environment and lane: current, previous and two unconfirmed.
    /// </summary>
    public const int MaxSessionsPerPeer = 4;

    /// <summary>Handshake messages of one peer that are worked on per second (and the burst).</summary>
    public const int HandshakesPerPeerPerSecond = 4;

    /// <summary>Handshake messages that one peer passed on and that are worked on per second (and the burst).</summary>
    public const int RelayedHandshakesPerPeerPerSecond = 50;

    /// <summary>Handshake messages worked on per second in one lane, all peers (and the burst).</summary>
    public const int HandshakesPerLanePerSecond = 200;

    /// <summary>
    /// Datagrams per second (and the burst) that are looked at though they come from an address that is not known of
    /// the peer whose session they name; each costs one decryption.
    /// </summary>
    public const int StrangersPerPeerPerSecond = 50;

    /// <summary>Questions of one peer for the address of another that are answered per second (and the burst).
    /// </summary>
    public const int AsksPerPeerPerSecond = 50;

    /// <summary>Addresses of one peer that others told.</summary>
    public const int MaxLearnedAddresses = 4;

    /// <summary>Addresses of one host that the controller names.</summary>
    public const int MaxCandidates = 8;

    /// <summary>Most hosts that pass one datagram on.</summary>
    public const int MaxRelayHops = 4;

    /// <summary>TLS connections of one lane that carry datagrams.</summary>
    public const int MaxStreams = 256;

    /// <summary>Of these, callers that have not shown yet who they are.</summary>
    public const int MaxStreamGreetings = 16;

    /// <summary>Broadcast and multicast frames that one port may send per second (and the burst).</summary>
    public const int BroadcastsPerPortPerSecond = 2000;

    /// <summary>Pairs of nodes whose traffic is limited, in one environment.</summary>
    public const int MaxPairLimits = 256;

    /// <summary>Smallest limit between two nodes, in kbit/s.</summary>
    public const int MinLimitKbps = 64;

    /// <summary>Largest limit between two nodes, in kbit/s.</summary>
    public const int MaxLimitKbps = 100_000_000;

    /// <summary>Largest accepted difference between two hosts' clocks, in milliseconds.</summary>
    public const int MaxClockSkewMs = 5 * 60 * 1000;

    /// <summary>How long a source host forwards frames for a node that moved away, in milliseconds.</summary>
    public const int StragglerGraceMs = 10_000;

    /// <summary>Signs that make a duplicate, within <see cref="DuplicateWindowMs"/>.</summary>
    public const int DuplicateSigns = 5;

    /// <summary>Oldest sign that counts for a duplicate, in milliseconds.</summary>
    public const int DuplicateWindowMs = 180_000;

    /// <summary>Frames that show the same within this time are one sign, in milliseconds.</summary>
    public const int DuplicateSpacingMs = 1000;

    /// <summary>How long a duplicate is reported, and kept out where that is wanted, in milliseconds.</summary>
    public const int DuplicateHoldMs = 180_000;

    /// <summary>Link-local addresses that one node may have chosen, beside the one that its MAC makes.</summary>
    public const int LinkLocalsPerNode = 4;

    /// <summary>
    /// How long a node must not have used such an address before it gives way to another one, in milliseconds. So it
    /// is also the time in which a node can choose no more than <see cref="LinkLocalsPerNode"/>.
    /// </summary>
    public const int LinkLocalIdleMs = 60_000;

    /// <summary>How often all other hosts are asked whether such an address is free.</summary>
    public const int LinkLocalAsks = 3;

    /// <summary>
    /// Time between two of these questions, and after the last one, in milliseconds; all of it is less than the second
    /// that a node waits itself (RFC 4862).
    /// </summary>
    public const int LinkLocalAskMs = 150;

    /// <summary>Longest time until a node may use such an address although a host cannot be asked, in milliseconds.
    /// </summary>
    public const int LinkLocalSettleMs = 3000;

    /// <summary>How often a claim is repeated after the first one.</summary>
    public const int ClaimRepeats = 6;

    /// <summary>Commands that may wait for a lane.</summary>
    public const int LaneCommands = 256;

    /// <summary>Most lanes of one switchd.</summary>
    public const int MaxLanes = 8;

    /// <summary>Events of other lanes that may wait for one.</summary>
    public const int LaneEvents = 4096;

    /// <summary>
    /// Ready probes that may run at once in one lane. Nodes that never boot hold one each, so pings have room of their
    /// own.
    /// </summary>
    public const int MaxProbes = 512;

    /// <summary>Pings that may run at once in one lane.</summary>
    public const int MaxPings = 64;

    /// <summary>Shortest interval between two pings, in milliseconds.</summary>
    public const int MinPingIntervalMs = 10;

    /// <summary>Most echo requests of one ping; at 10 ms this is 16 minutes.</summary>
    public const int MaxPingCount = 100_000;

    /// <summary>Longest wait for one echo reply, in milliseconds.</summary>
    public const int MaxPingTimeoutMs = 60_000;

    /// <summary>Largest control message, in bytes.</summary>
    public const int MaxControlMessageBytes = 4 * 1024 * 1024;

    /// <summary>Control connections at once.</summary>
    public const int MaxControlConnections = 16;

    /// <summary>
    /// Requests that run at once on one control connection: all probes, all pings and room for the rest.
    /// </summary>
    public const int MaxControlRequests = 640;

    /// <summary>Frames or datagrams taken from one descriptor before the next one gets its turn.</summary>
    public const int Batch = 64;

    /// <summary>Bytes taken from one descriptor before the next one gets its turn.</summary>
    public const int BatchBytes = 256 * 1024;

    /// <summary>Dropped frames of which a lane keeps the facts.</summary>
    public const int DropsKept = 1024;

    /// <summary>Pairs of nodes of one environment that are counted on one host.</summary>
    public const int MaxPairs = 1024;

    /// <summary>Pairs told in one status, those that speak first.</summary>
    public const int PairsPerStatus = 256;

    /// <summary>Ports of one host that are traced at once; each holds a ring of 2 MiB.</summary>
    public const int MaxCaptures = 4;

    /// <summary>A trace that nobody reads for so long ends, in milliseconds.</summary>
    public const int TraceUnreadMs = 10_000;

    /// <summary>Captured bytes in one answer; in base64 they fit a control message.</summary>
    public const int TraceBytesPerRead = 384 * 1024;

    /// <summary>Captured frames in one answer.</summary>
    public const int TraceFramesPerRead = 1500;

    /// <summary>Longest time that a reader of a trace waits for a frame, in milliseconds.</summary>
    public const int TraceWaitMs = 5000;

    /// <summary>
    /// Bytes that wait for a machine behind a stream socket; what comes when it is full is dropped and counted.
    /// </summary>
    public const int StreamOutBytes = 256 * 1024;

    /// <summary>Bytes that wait for a machine that has no buffer in its ring; what comes then is dropped.</summary>
    public const int VhostBacklogBytes = 512 * 1024;

    /// <summary>Longest pause between two attempts to reach a machine's socket, in milliseconds.</summary>
    public const int MaxReconnectPauseMs = 5000;

    /// <summary>Throws when two limits contradict each other.</summary>
    internal static void Check()
    {
        Invariant.Check(MaxSlices <= 64, "the reassembly bitmap has 64 bits");
        Invariant.Check(ReassemblySlotsPerSession * 2 <= ReassemblySlots, "two sessions must fit into the slots");
        Invariant.Check((ReplayWindow + 64) % 64 == 0, "the replay ring consists of whole words");
        Invariant.Check(MaxProbes + MaxPings < MaxControlRequests, "probes must leave room for other requests");
        Invariant.Check(MaxUnderlayMtu <= MaxDatagramBytes, "a datagram of the largest MTU must fit a buffer");
        Invariant.Check(TraceBytesPerRead * 4 / 3 + TraceFramesPerRead * 160 < MaxControlMessageBytes,
            "captured frames must fit a control message");
        Invariant.Check(StreamFrames.MaxBytes <= ushort.MaxValue, "a stream's prefix has 2 bytes");
        Invariant.Check(
            SliceHeader.CountFor(
                MaxSuperFrameBytes,
                MinUnderlayMtu - 48 - RelayHeader.Bytes - TunnelSession.Overhead - SliceHeader.Bytes) <= MaxSlices,
            "the largest frame must cross the smallest path, relayed, in IPv6");
        Invariant.Check(LinkLocalAsks * LinkLocalAskMs < 1000, "an address is settled before its node uses it");
        Invariant.Check(LinkLocalAsks * LinkLocalAskMs < LinkLocalSettleMs, "a host that can be asked is asked");
        Invariant.Check(MaxChainBytes + 1024 <= MaxDatagramBytes, "a handshake with the longest chain must fit");
    }
}

/// <summary>A condition that only a bug can break; never compiled out.</summary>
internal static class Invariant
{
    public static void Check(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException($"Broken invariant of the switch: {what}.");
    }
}
