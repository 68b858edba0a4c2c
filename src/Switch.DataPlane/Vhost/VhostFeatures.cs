namespace VioActors.Switch.DataPlane;

/// <summary>What the machine and its device agreed on, as the data path needs it.</summary>
internal sealed class VhostFeatures
{
    private const ulong Csum = 1UL << 0;
    private const ulong GuestCsum = 1UL << 1;
    private const ulong GuestTso4 = 1UL << 7;
    private const ulong GuestTso6 = 1UL << 8;
    private const ulong GuestEcn = 1UL << 9;
    private const ulong HostTso4 = 1UL << 11;
    private const ulong HostTso6 = 1UL << 12;
    private const ulong HostEcn = 1UL << 13;
    private const ulong MergeableBuffers = 1UL << 15;
    private const ulong LogAll = 1UL << 26;
    private const ulong Tables = 1UL << 28;
    private const ulong EventIndex = 1UL << 29;
    private const ulong Version1 = 1UL << 32;

    /// <summary>Whether the vhost-user protocol has features of its own.</summary>
    public const ulong HasProtocolFeatures = 1UL << 30;

    /// <summary>All that this device can do.</summary>
    public const ulong Offered = Csum | GuestCsum | GuestTso4 | GuestTso6 | GuestEcn | HostTso4 | HostTso6 | HostEcn
        | MergeableBuffers | LogAll | Tables | EventIndex | Version1 | HasProtocolFeatures;

    private ulong _bits;

    /// <summary>Whether frames of the machine are passed on; until then they are taken and dropped.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>Before each frame: 12, or 10 in drivers from before virtio 1.0 that cannot merge buffers.</summary>
    public int HeaderBytes { get; private set; } = 10;

    public bool MergesBuffers { get; private set; }

    public bool HasEventIndex { get; private set; }

    /// <summary>Whether writes to the machine's memory are logged.</summary>
    public bool LogsWrites { get; private set; }

    /// <summary>What the machine's frames may rely on.</summary>
    public PortOffloads FromMachine { get; private set; }

    /// <summary>What the machine does by itself.</summary>
    public PortOffloads ToMachine { get; private set; }

    /// <summary>What was agreed on; bits that were not offered are refused before.</summary>
    public ulong Bits
    {
        get => _bits;
        set
        {
            _bits = value;
            HeaderBytes = Has(Version1 | MergeableBuffers) ? 12 : 10;
            MergesBuffers = Has(MergeableBuffers);
            HasEventIndex = Has(EventIndex);
            LogsWrites = Has(LogAll);
            FromMachine = Offloads(Csum, HostTso4, HostTso6, HostEcn);
            ToMachine = Offloads(GuestCsum, GuestTso4, GuestTso6, GuestEcn);
        }
    }

    private bool Has(ulong any) => (_bits & any) != 0;

    private PortOffloads Offloads(ulong checksum, ulong tso4, ulong tso6, ulong ecn)
    {
        if (!Has(checksum))
            return PortOffloads.None;
        PortOffloads all = PortOffloads.Checksum;
        if (Has(tso4))
            all |= PortOffloads.Tso4;
        if (Has(tso6))
            all |= PortOffloads.Tso6;
        return Has(ecn) ? all | PortOffloads.Ecn : all;
    }
}
