namespace VioActors.Switch.DataPlane;

/// <summary>Holds back what a pair's limit does not let through yet, and sends it when its time has come.</summary>
internal sealed class Shaping(SwitchCore core)
{
    private readonly List<(SwitchEnvironment Environment, SwitchPort Port, PairLimit Limit)> _waiting = [];

    /// <summary>
    /// True when the frame may go now. Otherwise it waits or, when too much waits, is dropped; the caller is done.
    /// </summary>
    public bool MayPass(SwitchEnvironment environment, SwitchPort port, MacEntry to, ReadOnlySpan<byte> superFrame)
    {
        if (environment.LimitOf(port.Mac, to.Mac) is not { } limit
            || limit.TryPass(superFrame.Length - Limits.VnetHeaderBytes, core.NowUs))
        {
            return true;
        }

        if (!limit.TryWait(superFrame))
        {
            port.Counters.Add(PortCount.DropPairLimit);
            environment.Pairs.Of(port.Mac, to.Mac).Dropped++;
            return false;
        }

        port.Counters.Add(PortCount.FramesHeldBack);
        environment.Pairs.Of(port.Mac, to.Mac).HeldBack++;
        if (limit.Waiting == 1)
            _waiting.Add((environment, port, limit));
        return false;
    }

    /// <summary>Sends what may go now.</summary>
    /// <param name="send">Sends one frame of a port to its destination.</param>
    public void Release(Ingress send)
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            (SwitchEnvironment environment, SwitchPort port, PairLimit limit) = _waiting[i];
            while (limit.TryTake(core.NowUs, out ReadOnlySpan<byte> superFrame))
            {
                long losses = port.Counters.Losses;
                send.Forward(environment, port, superFrame);
                if (port.Counters.Losses != losses)
                    core.Drops.Note(port, superFrame);
            }

            if (limit.Waiting == 0)
                _waiting.RemoveAt(i);
        }
    }

    /// <summary>Milliseconds until something may go; <paramref name="most"/> when nothing waits for so long.</summary>
    public int WaitMs(int most)
    {
        long due = core.NowUs + most * 1000L;
        foreach ((_, _, PairLimit limit) in _waiting)
            due = Math.Min(due, limit.DueUs);
        return (int)Math.Max(0, (due - core.NowUs + 999) / 1000);
    }

    /// <summary>Forgets the frames of a port that is gone.</summary>
    public void Forget(SwitchPort port) => _waiting.RemoveAll(one => ReferenceEquals(one.Port, port));
}
