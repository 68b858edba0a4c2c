namespace VioActors.Switch.DataPlane;

/// <summary>Takes super-frames (virtio header and frame); a TAP in the product.</summary>
internal interface IFrameSink
{
    /// <summary>Writes one super-frame; false when it was not taken. The bytes belong to the caller.</summary>
    bool Write(ReadOnlySpan<byte> superFrame);
}

/// <summary>Where one node meets the switch. Bound to one environment for its whole life.</summary>
internal sealed class SwitchPort
{
    private readonly IFrameSink _sink;

    public SwitchPort(string environment, string name, string node, MacAddress mac, Ipv4 ip, IFrameSink sink)
    {
        Environment = environment;
        Name = name;
        Node = node;
        Mac = mac;
        Ip = ip;
        Origin = EnvironmentTag.Origin(environment);
        _sink = sink;
    }

    public string Environment { get; }
    public string Name { get; }
    public string Node { get; }
    public MacAddress Mac { get; }
    public Ipv4 Ip { get; }

    /// <summary>Its node's IPv6 address beside the link-local one; none when it has no other.</summary>
    public Ipv6 Ip6 { get; set; }

    /// <summary>
    /// Tag of the environment that this port was created for. Written into every frame that enters here and compared
    /// with every frame that leaves here; neither side is looked up on the way between.
    /// </summary>
    public ulong Origin { get; }

    /// <summary>Most that the node may send, whatever it is and wherever it goes; null without a limit.</summary>
    public PairLimit? FromNode { get; set; }

    /// <summary>Most that the node gets, from wherever; null without a limit.</summary>
    public PairLimit? ToNode { get; set; }

    /// <summary>Holds back what <see cref="ToNode"/> does not let through; a port without a limit needs none.</summary>
    public Shaping? Shaping { get; init; }

    /// <summary>False for a pre-bound port of a node that has not arrived yet.</summary>
    public bool IsOpen
    {
        get => Gate.IsOpen;
        set => Gate.IsOpen = value;
    }

    /// <summary>True when its interface vanished; the next apply makes it anew.</summary>
    public bool IsBroken
    {
        get => Gate.IsBroken;
        set => Gate.IsBroken = value;
    }

    /// <summary>What is true of the port on all lanes.</summary>
    public PortGate Gate { get; init; } = new();

    /// <summary>Whether it was taken out of its lane: what other lanes still hand over is dropped.</summary>
    public bool IsRemoved { get; set; }

    public Counters<PortCount> Counters { get; } = new();

    /// <summary>Somebody who looks at the frames of this port; null when nobody does.</summary>
    public PortCapture? Capture
    {
        get => Gate.Capture;
        set => Gate.Capture = value;
    }

    /// <summary>The counters of the pair that spoke last.</summary>
    public LastPair LastPair { get; } = new();

    /// <summary>Where the facts of dropped frames go; null in tests of a port alone.</summary>
    public DropLog? Drops { get; init; }

    /// <summary>The queue of frames that the node has sent and this lane has not read.</summary>
    public StandingQueue Queue { get; } = new();

    public bool TryBroadcast(long nowMs) => Gate.TryBroadcast(nowMs);

    /// <summary>
    /// The last gate before a node. A frame of another environment is counted here, whatever let it come so far, and
    /// dropped unless <paramref name="isolated"/> was switched off for a control run.
    /// </summary>
    public void Deliver(ReadOnlySpan<byte> superFrame, ulong origin, bool isolated)
    {
        if (!IsOpen)
        {
            Counters.Add(PortCount.DropPortClosed);
            Drops?.Note(this, superFrame);
            return;
        }

        if (origin != Origin)
        {
            Counters.Add(PortCount.FramesCrossed);
            if (isolated)
                return;
        }

        if (Shaping?.MayLeave(this, superFrame) != false)
            Write(superFrame);
    }

    /// <summary>Gives the node a frame that passed the gate, perhaps earlier.</summary>
    public void Write(ReadOnlySpan<byte> superFrame)
    {
        if (!_sink.Write(superFrame))
        {
            Refused(superFrame);
            return;
        }

        Capture?.Take(superFrame, fromNode: false);
        Counters.Add(PortCount.FramesToNode);
        Counters.Add(PortCount.BytesToNode, superFrame.Length - Limits.VnetHeaderBytes);
    }

    /// <summary>Gives the node a frame that passed the gate, and was counted, on another lane.</summary>
    public void WriteHandedOver(ReadOnlySpan<byte> superFrame)
    {
        if (!IsRemoved && !_sink.Write(superFrame))
            Refused(superFrame);
    }

    private void Refused(ReadOnlySpan<byte> superFrame)
    {
        const int gsoType = 1;
        Counters.Add(PortCount.SuperFramesRefused, superFrame[gsoType] == 0 ? 0 : 1);
        Counters.Add(PortCount.DropWriteFailed);
        Drops?.Note(this, superFrame);
    }
}
