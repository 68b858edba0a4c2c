namespace VioActors.Switch.DataPlane;

/// <summary>
/// Frames for one machine: whole when it said that it can, else cut; behind each other when it has no buffer, up to
/// <see cref="Limits.VhostBacklogBytes"/>. Lane thread only.
/// </summary>
internal sealed class VhostDelivery(BufferChain chain)
{
    private readonly ReceiveRing _ring = new(chain);
    private readonly FrameRing _backlog = new(Limits.VhostBacklogBytes);
    private readonly byte[] _cut = GC.AllocateUninitializedArray<byte>(Limits.MaxSuperFrameBytes, pinned: true);

    /// <summary>Takes one super-frame; false when it is lost.</summary>
    public bool Write(VhostSession session, ReadOnlySpan<byte> superFrame)
    {
        if (!session.Receive.IsRunning || !session.Receive.IsEnabled)
            return false;
        var cut = new CutFrame(superFrame, session.Features.ToMachine);
        if (cut.IsWhole)
            return WriteOne(session, superFrame);
        for (int i = 0; i < cut.Count; i++)
        {
            int length = cut.Write(i, _cut);
            if (length == 0 || !WriteOne(session, _cut.AsSpan(0, length)))
                return false;
        }

        return cut.Count > 0;
    }

    /// <summary>The machine has buffers again, or may have.</summary>
    public void DrainBacklog(VhostSession session)
    {
        while (_backlog.Count > 0 && session.Receive.IsRunning)
        {
            PutResult result = Put(session, _backlog.Peek());
            if (result == PutResult.NoRoom)
            {
                // It may have added some between the look and the wish to be told.
                session.Receive.Queue.WantKicks();
                result = Put(session, _backlog.Peek());
            }

            if (result is PutResult.NoRoom or PutResult.Broken)
                return;
            _backlog.Remove();
        }

        if (session.Receive.IsRunning)
            session.Receive.Queue.WantNoKicks();
    }

    /// <summary>Forgets what waits: the machine stopped its rings.</summary>
    public void Clear()
    {
        while (_backlog.Count > 0)
        {
            _backlog.Peek();
            _backlog.Remove();
        }
    }

    private bool WriteOne(VhostSession session, ReadOnlySpan<byte> superFrame)
    {
        if (_backlog.Count > 0)
            return _backlog.TryAdd(superFrame);
        PutResult result = Put(session, superFrame);
        if (result != PutResult.NoRoom)
            return result == PutResult.Done;
        if (!_backlog.TryAdd(superFrame))
            return false;
        DrainBacklog(session);
        return true;
    }

    private PutResult Put(VhostSession session, ReadOnlySpan<byte> superFrame)
    {
        Span<byte> header = stackalloc byte[Limits.VnetHeaderBytes];
        if (!VirtioHeader.TryNormalize(superFrame, session.Features.ToMachine, header))
            return PutResult.TooLarge;
        PutResult result = _ring.Put(
            session.Receive.Queue, session.Memory, session.Features, header, superFrame[Limits.VnetHeaderBytes..],
            session.Features.LogsWrites ? session.Log : null);
        if (result == PutResult.Broken)
            session.Receive.Fault = _ring.Fault;
        return result;
    }
}
