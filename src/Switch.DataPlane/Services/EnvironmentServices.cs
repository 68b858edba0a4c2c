namespace VioActors.Switch.DataPlane;

/// <summary>What one environment's nodes are told, and who has which name. Replaced with every table.</summary>
internal sealed class EnvironmentServices
{
    private readonly Dictionary<string, MacEntry> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MacEntry>.AlternateLookup<ReadOnlySpan<char>> _byName;

    public EnvironmentServices(ServicePlan plan, IEnumerable<(string Name, MacEntry Entry)> names)
    {
        Plan = plan;
        foreach ((string name, MacEntry entry) in names)
        {
            _names[name] = entry;
            NameOf[entry.Mac.Value] = name;
        }

        _byName = _names.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public ServicePlan Plan { get; }

    /// <summary>Names by MAC.</summary>
    public Dictionary<ulong, string> NameOf { get; } = [];

    /// <summary>The entry with a name of one label, in lower case; null when nobody has it.</summary>
    public MacEntry? Find(ReadOnlySpan<char> name) => _byName.TryGetValue(name, out MacEntry? entry) ? entry : null;

    /// <summary>
    /// Whether a frame that its port may send is for the services: all that goes to their address, and what clients of
    /// DHCP send to everybody. It never leaves this host.
    /// </summary>
    public bool Takes(in FrameView frame)
    {
        if (!frame.Destination.IsGroup)
            return frame.Destination == Plan.Mac;
        if (frame.EtherType == FrameView.TypeIpv4)
            return frame.IsDhcpClient;
        return frame.EtherType == FrameView.TypeIpv6 && Plan.Ip6.IsSet
            && UdpRequest.TryParsePorts(frame, out ushort to) && to == UdpRequest.Dhcp6ServerPort;
    }
}
