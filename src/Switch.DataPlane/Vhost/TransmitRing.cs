namespace VioActors.Switch.DataPlane;

/// <summary>
/// What the machine sends: each frame is copied once, before anything looks at it, because the machine can still write
/// to its buffers.
/// </summary>
internal sealed class TransmitRing(BufferChain chain)
{
    /// <summary>Takes frames, up to a batch, and gives their buffers back.</summary>
    /// <param name="queue">A bound ring.</param>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="device">What was negotiated.</param>
    /// <param name="port">The port.</param>
    /// <param name="more">Whether some are left.</param>
    /// <returns>Null, or why the ring must stop.</returns>
    public string? Drain(Virtqueue queue, GuestMemory memory, VhostFeatures device, LanePort port, out bool more)
    {
        more = true;
        for (int count = 0, bytes = 0; count < Limits.Batch && bytes < Limits.BatchBytes; count++)
        {
            int waiting = queue.Waiting;
            if (waiting > queue.Size)
                return "it has more buffers than its ring has room for";
            if (waiting == 0)
            {
                more = false;
                return null;
            }

            ushort head = queue.HeadAt(0);
            chain.Clear();
            if (!chain.TryAdd(queue, memory, head, forDevice: false))
                return chain.Fault;
            queue.NextAvailable++;
            int length = Copy(device.HeaderBytes, port.Frame);
            queue.PutUsed(head, 0);
            bytes += Math.Max(length, 0);
            Span<byte> superFrame = port.Frame.AsSpan(0, Math.Max(length, 0));
            if (length < 0 || !VirtioHeader.TryNormalize(superFrame, device.FromMachine, superFrame))
                port.Counters.Add(PortCount.DropMalformed);
            else if (device.IsEnabled)
                port.Take(superFrame);
        }

        return null;
    }

    // A header of 10 bytes, of drivers from before virtio 1.0, gets the 2 that it lacks.
    private int Copy(int headerBytes, byte[] to)
    {
        if (chain.Bytes <= headerBytes || chain.Bytes - headerBytes > Limits.MaxFrameBytes)
            return -1;
        int at = 0, missing = Limits.VnetHeaderBytes - headerBytes;
        for (int i = 0; i < chain.Count; i++)
        {
            ReadOnlySpan<byte> piece = chain[i].Bytes;
            if (at < headerBytes)
            {
                int part = Math.Min(headerBytes - at, piece.Length);
                piece[..part].CopyTo(to.AsSpan(at));
                at += part;
                piece = piece[part..];
                if (at < headerBytes)
                    continue;
                to.AsSpan(at, missing).Clear();
                at += missing;
                headerBytes = -1;
            }

            piece.CopyTo(to.AsSpan(at));
            at += piece.Length;
        }

        return at;
    }
}
