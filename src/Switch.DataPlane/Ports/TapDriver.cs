namespace VioActors.Switch.DataPlane;

/// <summary>A port that is a TAP of ours; the kernel has all offloads, or what it refuses is cut here.</summary>
internal sealed class TapDriver(TapDevice tap, PortKind kind) : IPortDriver
{
    private static readonly string WithAll = PortKinds.Words(PortOffloads.All);
    private readonly RefusedFrames _frames = new(tap);
    private LanePort? _port;

    public PortKind Kind { get; } = kind;

    public string Offloads => _frames.Cut == 0 ? WithAll : WithAll + ", but the kernel refused some uncut frames";

    public string? Trouble { get; private set; }

    public void Attach(LanePort port)
    {
        _port = port;
        if (!port.TryWatch(tap.Fd))
            throw LibC.Failure($"watch {tap.Name}");
    }

    public void Detach() => _port!.Unwatch(tap.Fd);

    public bool Drain(int fd)
    {
        byte[] frame = _port!.Frame;
        for (int count = 0, bytes = 0; count < Limits.Batch && bytes < Limits.BatchBytes; count++)
        {
            int length = tap.Read(frame);
            if (length < 0)
            {
                // Somebody deleted the interface: it would be reported as readable for ever.
                if (LibC.Errno is not (LibC.EAGAIN or LibC.EINTR))
                {
                    _port.Unwatch(tap.Fd);
                    _port.Break();
                    Trouble = $"the interface {tap.Name} is gone";
                }

                return false;
            }

            bytes += length;
            _port.Take(frame.AsSpan(0, length));
        }

        _port.LeavesSome();
        return false;
    }

    public bool Write(ReadOnlySpan<byte> superFrame) => _frames.Write(superFrame);

    public void Flush()
    {
    }

    public void Tick()
    {
    }

    public void Dispose() => tap.Dispose();
}
