namespace VioActors.Switch.DataPlane;

/// <summary>
/// Some kernels refuse uncut frames that are right (TUN writes of Linux 6.6.44 and kin, of vendors' builds still):
/// these are cut here and written again, one segment after the other. Each refused frame for itself, because a sender
/// could make one that is refused rightly, and must not switch a neighbour's offload off.
/// </summary>
/// <param name="kernel">Writes to the interface; sets the error when it does not take a frame.</param>
internal sealed class RefusedFrames(IFrameSink kernel) : IFrameSink
{
    private const int GsoType = 1;
    private readonly byte[] _segment = GC.AllocateUninitializedArray<byte>(Limits.MaxSuperFrameBytes, pinned: true);

    /// <summary>Frames that the kernel refused and took in parts.</summary>
    public long Cut { get; private set; }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> superFrame)
    {
        if (kernel.Write(superFrame))
            return true;
        return superFrame[GsoType] != 0 && LibC.Errno == LibC.EINVAL && WriteSegments(superFrame);
    }

    private bool WriteSegments(ReadOnlySpan<byte> superFrame)
    {
        var cut = new CutFrame(superFrame, PortOffloads.None);
        int taken = 0;
        for (int i = 0; i < cut.Count; i++)
        {
            int length = cut.Write(i, _segment);
            taken += length > 0 && kernel.Write(_segment.AsSpan(0, length)) ? 1 : 0;
        }

        Cut += taken > 0 ? 1 : 0;
        return taken > 0 && taken == cut.Count;
    }
}
