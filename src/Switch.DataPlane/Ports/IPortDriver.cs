namespace VioActors.Switch.DataPlane;

/// <summary>
/// How the frames of one port come and go: an interface, a socket of a machine, rings in a machine's memory. Between
/// <see cref="Attach"/> and <see cref="Detach"/> only the lane thread calls it; it is made and disposed elsewhere.
/// Nothing here may block, and nothing that the other side sends may be an exception.
/// </summary>
internal interface IPortDriver : IFrameSink, IDisposable
{
    /// <summary>What it is, for the status.</summary>
    PortKind Kind { get; }

    /// <summary>What the other side can do by itself, e.g. <c>csum tso4 tso6 ecn</c>; empty when nothing.</summary>
    string Offloads { get; }

    /// <summary>Why no frame passes now; null when they do. Reconnecting is not the caller's work.</summary>
    string? Trouble { get; }

    /// <summary>Starts to watch descriptors.</summary>
    /// <param name="port">What the driver uses of the lane until it is detached.</param>
    void Attach(LanePort port);

    /// <summary>Stops watching.</summary>
    void Detach();

    /// <summary>
    /// Handles what waits at a descriptor, up to <see cref="Limits.Batch"/> frames or <see cref="Limits.BatchBytes"/>.
    /// </summary>
    /// <returns>True when more waits that no descriptor will tell of: the lane comes back soon.</returns>
    bool Drain(int fd);

    /// <summary>The end of a drain in which <see cref="LanePort.FlushLater"/> was called.</summary>
    void Flush();

    /// <summary>Every <see cref="SwitchCore.TickMs"/>: timers.</summary>
    void Tick();
}
