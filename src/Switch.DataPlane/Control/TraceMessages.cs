namespace VioActors.Switch.DataPlane;

/// <summary>Starts to capture the frames of one port.</summary>
/// <param name="Port">Name of its TAP, or its node's id, MAC or address when that names one port only.</param>
/// <param name="SnapLength">Most bytes of a frame that are kept, 14 to 65550.</param>
/// <param name="Filter">
/// Which frames: terms joined by <c>and</c>, each perhaps after <c>not</c>: <c>arp ip ip6 tcp udp icmp icmp6 broadcast
/// multicast in out</c>, <c>host ADDRESS</c>, <c>port NUMBER</c>, <c>ether MAC</c>; null: all.
/// </param>
public sealed record TraceStart(string Port, int SnapLength, string? Filter) : ControlMessage;

/// <summary>The answer to <see cref="TraceStart"/>.</summary>
/// <param name="Trace">Names it in <see cref="TraceRead"/>; it ends when nobody reads for 10 s.</param>
/// <param name="Tap">The port's TAP.</param>
/// <param name="Node">The port's node.</param>
/// <param name="Environment">Its environment.</param>
public sealed record TraceStarted(int Trace, string Tap, string Node, string Environment) : ControlMessage;

/// <summary>Takes captured frames.</summary>
/// <param name="Trace">Whose.</param>
/// <param name="WaitMs">How long to wait for the first, 0 to 5000.</param>
public sealed record TraceRead(int Trace, int WaitMs) : ControlMessage;

/// <summary>The answer to <see cref="TraceRead"/>.</summary>
/// <param name="Frames">Oldest first; empty when none came in time.</param>
/// <param name="Lost">Frames that found the ring full, since the start of the trace.</param>
/// <param name="Ended">True when the port is gone: nothing more will come.</param>
public sealed record TraceFrames(IReadOnlyList<TracedFrame> Frames, long Lost, bool Ended) : ControlMessage;

/// <summary>Ends a trace.</summary>
/// <param name="Trace">Which; one that has ended is fine.</param>
public sealed record TraceStop(int Trace) : ControlMessage;

/// <summary>Asks for facts of dropped frames.</summary>
/// <param name="Port">As in <see cref="TraceStart"/>; null: of all ports and tunnels.</param>
/// <param name="After">Only those with a higher number.</param>
/// <param name="Most">1 to 1000.</param>
public sealed record DropsRequest(string? Port, long After, int Most) : ControlMessage;

/// <summary>The answer to <see cref="DropsRequest"/>.</summary>
/// <param name="Frames">The newest, oldest first.</param>
/// <param name="Noted">Dropped frames since the start of this switchd; the last 1024 are kept.</param>
public sealed record DropsReply(IReadOnlyList<DroppedFrame> Frames, long Noted) : ControlMessage;
