using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>What became of a frame for the machine.</summary>
internal enum PutResult
{
    Done,

    /// <summary>The machine has no buffer for it now.</summary>
    NoRoom,

    /// <summary>It never will have: the frame is larger than a buffer can be.</summary>
    TooLarge,

    /// <summary>The ring is nonsense and must stop.</summary>
    Broken,
}

/// <summary>
/// What the machine receives. A frame goes into one buffer, or, when the machine said that it can merge them, into as
/// many as it needs. All of them are found first; only then is anything written.
/// </summary>
internal sealed class ReceiveRing(BufferChain chain)
{
    private readonly (ushort Head, uint Room)[] _heads = new (ushort, uint)[Virtqueue.MaxSize];

    public string Fault { get; private set; } = "";

    /// <summary>Writes one frame behind its header.</summary>
    /// <param name="queue">A bound ring.</param>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="device">What was negotiated.</param>
    /// <param name="header">12 bytes, normalized.</param>
    /// <param name="frame">Ethernet.</param>
    /// <param name="log">Where written pages are noted; null when nobody asks.</param>
    public PutResult Put(
        Virtqueue queue, GuestMemory memory, VhostFeatures device, ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> frame, DirtyLog? log)
    {
        int need = device.HeaderBytes + frame.Length;
        PutResult found = Find(queue, memory, device.MergesBuffers, need, out int heads);
        if (found != PutResult.Done)
            return found;
        Span<byte> full = stackalloc byte[Limits.VnetHeaderBytes];
        header.CopyTo(full);
        BinaryPrimitives.WriteUInt16LittleEndian(full[10..], (ushort)heads);
        ReadOnlySpan<byte> head = full[..device.HeaderBytes];
        for (int i = 0; head.Length + frame.Length > 0; i++)
        {
            BufferPiece piece = chain[i];
            Span<byte> to = piece.Bytes;
            int part = Math.Min(head.Length, to.Length);
            head[..part].CopyTo(to);
            head = head[part..];
            int rest = Math.Min(frame.Length, to.Length - part);
            frame[..rest].CopyTo(to[part..]);
            frame = frame[rest..];
            log?.Mark(piece.Guest, (uint)(part + rest));
        }

        for (int i = 0; i < heads; i++)
        {
            uint written = Math.Min((uint)need, _heads[i].Room);
            queue.PutUsed(_heads[i].Head, written);
            need -= (int)written;
        }

        queue.NextAvailable += (ushort)heads;
        return PutResult.Done;
    }

    private PutResult Find(Virtqueue queue, GuestMemory memory, bool merges, int need, out int heads)
    {
        chain.Clear();
        int waiting = queue.Waiting;
        if (waiting > queue.Size)
        {
            heads = 0;
            return Broken("it has more buffers than its ring has room for");
        }

        for (heads = 0; chain.Bytes < need; heads++)
        {
            if (heads > 0 && !merges || heads == queue.Size)
                return PutResult.TooLarge;
            if (heads == waiting)
                return PutResult.NoRoom;
            long before = chain.Bytes;
            ushort head = queue.HeadAt(heads);
            if (!chain.TryAdd(queue, memory, head, forDevice: true))
                return Broken(chain.Fault);
            if (chain.Bytes == before)
                return Broken("a buffer has no bytes");
            _heads[heads] = (head, (uint)Math.Min(chain.Bytes - before, int.MaxValue));
        }

        return PutResult.Done;
    }

    private PutResult Broken(string fault)
    {
        Fault = fault;
        return PutResult.Broken;
    }
}
