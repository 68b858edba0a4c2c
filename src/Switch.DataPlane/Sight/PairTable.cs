using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>What one node sent to one other.</summary>
internal sealed class PairCount
{
    public long Frames { get; set; }
    public long Bytes { get; set; }

    /// <summary>Frames that a limit held back for a while.</summary>
    public long HeldBack { get; set; }

    /// <summary>Frames that a limit dropped.</summary>
    public long Dropped { get; set; }

    /// <summary>When the last frame came, on the lane's clock.</summary>
    public long LastMs { get; set; }
}

/// <summary>The counters that one port used last: a node speaks mostly to one other for a while.</summary>
internal sealed class LastPair
{
    private MacEntry? _to;
    private PairCount? _count;
    private int _generation;

    public PairCount Of(PairTable table, MacAddress from, MacEntry to)
    {
        if (!ReferenceEquals(to, _to) || _generation != table.Generation)
            (_to, _generation, _count) = (to, table.Generation, table.Of(from, to.Mac));
        return _count!;
    }
}

/// <summary>
/// Counters of the pairs of nodes whose sender is on this host, at most <see cref="Limits.MaxPairs"/> per environment;
/// what does not fit is counted together. Both directions of a pair are on one host only when both nodes are. Lane
/// thread only.
/// </summary>
internal sealed class PairTable
{
    private readonly Dictionary<(ulong From, ulong To), PairCount> _pairs = [];

    /// <summary>Rises when counters are forgotten: others must not be kept elsewhere any longer.</summary>
    public int Generation { get; private set; }

    /// <summary>All that found no room.</summary>
    public PairCount Others { get; } = new();

    public IReadOnlyDictionary<(ulong From, ulong To), PairCount> All => _pairs;

    /// <summary>The counters of a pair; made at its first frame.</summary>
    public PairCount Of(MacAddress from, MacAddress to)
    {
        if (_pairs.Count >= Limits.MaxPairs)
            return _pairs.GetValueOrDefault((from.Value, to.Value)) ?? Others;
        return CollectionsMarshal.GetValueRefOrAddDefault(_pairs, (from.Value, to.Value), out _) ??= new PairCount();
    }

    /// <summary>Forgets the pairs of a node that left the environment.</summary>
    public void Forget(MacAddress mac)
    {
        Generation++;
        foreach ((ulong From, ulong To) pair in _pairs.Keys.Where(
            one => one.From == mac.Value || one.To == mac.Value).ToArray())
        {
            _pairs.Remove(pair);
        }
    }
}
