using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Frames;

/// <summary>Counts frames, as a TAP takes them: without keeping anything.</summary>
internal sealed class CountingSink : IFrameSink
{
    /// <summary>Frames taken.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> superFrame)
    {
        Count++;
        return true;
    }
}

/// <summary>Control of allocations: keeps a copy of the last frame, which costs at least its length.</summary>
internal sealed class CopyingSink : IFrameSink
{
    /// <summary>The last frame.</summary>
    public byte[] Last { get; private set; } = [];

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> superFrame)
    {
        Last = superFrame.ToArray();
        return true;
    }
}
