namespace VioActors.Switch.DataPlane;

/// <summary>What is true of one node's port on all lanes at once. Thread safe.</summary>
internal sealed class PortGate
{
    private readonly StormClock _storm = new(Limits.BroadcastsPerPortPerSecond);
    private readonly Lock _changing = new();
    private volatile bool _isOpen;
    private volatile bool _isBroken;
    private volatile PortCapture? _capture;
    private PairClock? _fromNode;
    private PairClock? _toNode;

    /// <summary>False for a pre-bound port of a node that has not arrived yet.</summary>
    public bool IsOpen
    {
        get => _isOpen;
        set => _isOpen = value;
    }

    /// <summary>True when its interface vanished; the next apply makes it anew.</summary>
    public bool IsBroken
    {
        get => _isBroken;
        set => _isBroken = value;
    }

    /// <summary>Somebody who looks at the frames of this port; null when nobody does.</summary>
    public PortCapture? Capture
    {
        get => _capture;
        set => _capture = value;
    }

    public bool TryBroadcast(long nowMs) => _storm.TryTake(nowMs);

    /// <summary>The clock of what the node sends: the same one as long as the limit is the same.</summary>
    public PairClock? FromNode(long? bytesPerSecond) => Same(ref _fromNode, bytesPerSecond);

    /// <summary>The same for what it gets.</summary>
    public PairClock? ToNode(long? bytesPerSecond) => Same(ref _toNode, bytesPerSecond);

    private PairClock? Same(ref PairClock? held, long? bytesPerSecond)
    {
        lock (_changing)
        {
            if (held?.BytesPerSecond != bytesPerSecond)
                held = bytesPerSecond is { } limit ? new PairClock(limit) : null;
            return held;
        }
    }
}
