namespace VioActors.Switch.DataPlane;

/// <summary>
/// Holds back what the limit of a pair or of a port does not let through yet, and sends it when its time has come.
/// </summary>
internal sealed class Shaping(SwitchCore core)
{
    private readonly List<Held> _waiting = [];

    private enum Place
    {
        FromNode,
        Pair,
        ToNode,
    }

    /// <summary>
    /// Whether a frame of a node may enter the switch now: charged before anything is looked at, so that neither its
    /// kind nor its destination matters. Otherwise it waits or, when too much waits, is dropped; the caller is done.
    /// </summary>
    public bool MayEnter(SwitchEnvironment environment, SwitchPort port, ReadOnlySpan<byte> superFrame) =>
        port.FromNode is not { } limit || MayPass(environment, port, limit, Place.FromNode, superFrame);

    /// <summary>The same for what goes from one node to one other.</summary>
    public bool MayPass(SwitchEnvironment environment, SwitchPort port, MacEntry to, ReadOnlySpan<byte> superFrame) =>
        environment.LimitOf(port.Mac, to.Mac) is not { } limit
        || MayPass(environment, port, limit, Place.Pair, superFrame, environment.Pairs.Of(port.Mac, to.Mac));

    /// <summary>The same for what goes to a node, from wherever.</summary>
    public bool MayLeave(SwitchPort port, ReadOnlySpan<byte> superFrame) =>
        port.ToNode is not { } limit || MayPass(null, port, limit, Place.ToNode, superFrame);

    /// <summary>Sends what may go now.</summary>
    /// <param name="ingress">Takes up frames of a node where they were held back.</param>
    public void Release(Ingress ingress)
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            (SwitchEnvironment? environment, SwitchPort port, PairLimit limit, Place place) = _waiting[i];
            while (limit.TryTake(core.NowUs, out ReadOnlySpan<byte> superFrame))
            {
                long losses = port.Counters.Losses;
                if (place == Place.ToNode)
                    port.Write(superFrame);
                else if (place == Place.Pair)
                    ingress.Forward(environment!, port, superFrame);
                else
                    ingress.Enter(environment!, port, superFrame);

                // A port that could not write has noted that itself.
                if (place != Place.ToNode && port.Counters.Losses != losses)
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
        foreach ((_, _, PairLimit limit, _) in _waiting)
            due = Math.Min(due, limit.DueUs);
        return (int)Math.Max(0, (due - core.NowUs + 999) / 1000);
    }

    /// <summary>Forgets the frames of a port that is gone.</summary>
    public void Forget(SwitchPort port) => _waiting.RemoveAll(one => ReferenceEquals(one.Port, port));

    private bool MayPass(
        SwitchEnvironment? environment, SwitchPort port, PairLimit limit, Place place, ReadOnlySpan<byte> superFrame,
        PairCount? pair = null)
    {
        if (limit.TryPass(superFrame.Length - Limits.VnetHeaderBytes, core.NowUs))
            return true;
        if (!limit.TryWait(superFrame))
        {
            port.Counters.Add(place == Place.Pair ? PortCount.DropPairLimit : PortCount.DropPortLimit);
            if (pair is not null)
                pair.Dropped++;
            if (place == Place.ToNode)
                core.Drops.Note(port, superFrame);
            return false;
        }

        port.Counters.Add(PortCount.FramesHeldBack);
        if (pair is not null)
            pair.HeldBack++;
        if (limit.Waiting == 1)
            _waiting.Add(new Held(environment, port, limit, place));
        return false;
    }

    /// <summary>A limit behind which something waits.</summary>
    private readonly record struct Held(
        SwitchEnvironment? Environment, SwitchPort Port, PairLimit Limit, Place Place);
}
