namespace VioActors.Switch.DataPlane;

/// <summary>Requests of the vhost-user protocol to a network device (QEMU's docs/interop/vhost-user.rst).</summary>
internal enum VhostRequest : uint
{
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    ResetOwner = 4,
    SetMemoryTable = 5,
    SetLogBase = 6,
    SetLogDescriptor = 7,
    SetRingSize = 8,
    SetRingAddresses = 9,
    SetRingBase = 10,
    GetRingBase = 11,
    SetRingKick = 12,
    SetRingCall = 13,
    SetRingError = 14,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    GetQueueNumber = 17,
    SetRingEnable = 18,
    SendRarp = 19,
    SetMtu = 20,
}

/// <summary>Numbers of the protocol.</summary>
internal static class VhostProtocol
{
    /// <summary>Request, flags and size of what follows; each u32, little-endian.</summary>
    public const int HeaderBytes = 12;

    /// <summary>Longest payload here: a memory table of 8 regions.</summary>
    public const int MaxPayloadBytes = 8 + 8 * RegionBytes;

    public const int RegionBytes = 32;
    public const uint Version = 1;
    public const uint VersionMask = 3;
    public const uint IsReply = 4;
    public const uint NeedsReply = 8;

    /// <summary>In a ring's number: no descriptor comes with it.</summary>
    public const ulong NoDescriptor = 0x100;

    private const ulong LogShared = 1 << 1;
    private const ulong Rarp = 1 << 2;
    private const ulong ReplyAck = 1 << 3;
    private const ulong Mtu = 1 << 4;

    /// <summary>Features of the protocol that this side has.</summary>
    public const ulong Offered = LogShared | Rarp | ReplyAck | Mtu;
}
