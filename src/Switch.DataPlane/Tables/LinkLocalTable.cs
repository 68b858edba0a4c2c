using System.Collections.Concurrent;

namespace VioActors.Switch.DataPlane;

/// <summary>What a link-local address is to a node that uses it.</summary>
internal enum Standing
{
    /// <summary>The node's.</summary>
    Own,

    /// <summary>Nobody's, or the node's for so short a time that another host may still object.</summary>
    New,

    /// <summary>Nobody's, but the node has as many as it may have.</summary>
    TooMany,

    /// <summary>Another node's.</summary>
    Others,
}

/// <summary>
/// The link-local addresses that nodes of one environment chose themselves (RFC 7217), as far as this host has seen
/// them: first come, first served, at most <see cref="Limits.LinkLocalsPerNode"/> for each row of the table. It belongs
/// to the host and not to a lane, for a node's frames come on all of them. Thread safe; an address that is known is
/// found without a lock and without memory.
/// </summary>
internal sealed class LinkLocalTable
{
    private readonly ConcurrentDictionary<Ipv6, LinkLocalClaim> _byAddress = [];
    private readonly Dictionary<ulong, List<LinkLocalClaim>> _byMac = [];
    private readonly Lock _changing = new();

    public LinkLocalClaim? Find(Ipv6 address) => _byAddress.GetValueOrDefault(address);

    /// <summary>Whose an address is; notes that the node uses it when it is its own.</summary>
    public Standing Of(MacAddress mac, Ipv6 address, long nowMs)
    {
        if (Find(address) is { } claim)
        {
            if (claim.Mac != mac)
                return Standing.Others;
            claim.Use(nowMs);
            return claim.IsSettled(nowMs) ? Standing.Own : Standing.New;
        }

        lock (_changing)
            return _byMac.TryGetValue(mac.Value, out List<LinkLocalClaim>? own) && IsFull(own, nowMs)
                ? Standing.TooMany : Standing.New;
    }

    /// <summary>
    /// A node of this host begins to use an address, or used it before; null when it is another's, or one too many.
    /// </summary>
    /// <param name="mac">The node's.</param>
    /// <param name="address">It can be chosen, and no row of the table has it by itself.</param>
    /// <param name="nowMs">The lane's clock.</param>
    /// <param name="isNew">Whether it was nobody's.</param>
    public LinkLocalClaim? Claim(MacAddress mac, Ipv6 address, long nowMs, out bool isNew)
    {
        isNew = false;
        lock (_changing)
        {
            if (Find(address) is { } known)
                return known.Mac == mac ? known : null;
            if (_byMac.TryGetValue(mac.Value, out List<LinkLocalClaim>? own) && IsFull(own, nowMs))
                return null;
            isNew = true;
            return Add(mac, address, nowMs, nowMs + Limits.LinkLocalSettleMs);
        }
    }

    /// <summary>
    /// The host of a node lets it use an address. So it is the node's, unless this host knows better; one of its own
    /// nodes that has only just begun to use the address has to give way.
    /// </summary>
    /// <param name="mac">The node's.</param>
    /// <param name="address">It can be chosen.</param>
    /// <param name="nowMs">The lane's clock.</param>
    /// <param name="before">A node of the same host that may have to give it up; none in most cases.</param>
    public void Learn(MacAddress mac, Ipv6 address, long nowMs, MacAddress before = default)
    {
        lock (_changing)
        {
            if (Find(address) is { } known)
            {
                if (known.Mac == mac)
                    known.Settle(nowMs);
                if (known.Mac == mac || known.IsSettled(nowMs) && known.Mac != before)
                    return;
                Remove(known);
            }

            Add(mac, address, nowMs, nowMs);
        }
    }

    /// <summary>A node of this host lost an address to another one, unless it is settled meanwhile.</summary>
    public void Yield(MacAddress mac, Ipv6 address, long nowMs)
    {
        lock (_changing)
        {
            if (Find(address) is { } claim && claim.Mac == mac && !claim.IsSettled(nowMs))
                Remove(claim);
        }
    }

    /// <summary>The table has no such node any more.</summary>
    public void Forget(MacAddress mac)
    {
        lock (_changing)
        {
            if (!_byMac.Remove(mac.Value, out List<LinkLocalClaim>? own))
                return;
            foreach (LinkLocalClaim claim in own)
                _byAddress.TryRemove(claim.Address, out _);
        }
    }

    /// <summary>The addresses of a node.</summary>
    public LinkLocalClaim[] Of(MacAddress mac)
    {
        lock (_changing)
            return _byMac.TryGetValue(mac.Value, out List<LinkLocalClaim>? own) ? [.. own] : [];
    }

    private LinkLocalClaim Add(MacAddress mac, Ipv6 address, long nowMs, long settlesMs)
    {
        if (!_byMac.TryGetValue(mac.Value, out List<LinkLocalClaim>? own))
            _byMac[mac.Value] = own = new List<LinkLocalClaim>(Limits.LinkLocalsPerNode);
        if (own.Count == Limits.LinkLocalsPerNode)
            Remove(LongestUnused(own));
        var claim = new LinkLocalClaim(mac, address, nowMs, settlesMs);
        own.Add(claim);
        _byAddress[address] = claim;
        return claim;
    }

    private void Remove(LinkLocalClaim claim)
    {
        if (Find(claim.Address) != claim)
            return;
        _byAddress.TryRemove(claim.Address, out _);
        _byMac[claim.Mac.Value].Remove(claim);
    }

    private static bool IsFull(List<LinkLocalClaim> own, long nowMs) =>
        own.Count == Limits.LinkLocalsPerNode && nowMs - LongestUnused(own).UsedMs < Limits.LinkLocalIdleMs;

    private static LinkLocalClaim LongestUnused(List<LinkLocalClaim> own)
    {
        LinkLocalClaim longest = own[0];
        foreach (LinkLocalClaim claim in own)
        {
            if (claim.UsedMs < longest.UsedMs)
                longest = claim;
        }

        return longest;
    }
}

/// <summary>
/// One node's link-local address. Settled means that all hosts that could be asked had the time to object. What lanes
/// share of it is thread safe; the questions belong to the lane that asks them.
/// </summary>
internal sealed class LinkLocalClaim(MacAddress mac, Ipv6 address, long nowMs, long settlesMs)
{
    private const int UseMs = 1000;
    private long _usedMs = nowMs;
    private long _settlesMs = settlesMs;

    public MacAddress Mac { get; } = mac;
    public Ipv6 Address { get; } = address;

    /// <summary>When the node used it, give or take a second.</summary>
    public long UsedMs => Volatile.Read(ref _usedMs);

    /// <summary>How often all other hosts were asked.</summary>
    public int Asked { get; set; }

    /// <summary>When they are asked next.</summary>
    public long NextAskMs { get; set; } = nowMs;

    public bool IsSettled(long nowMs) => nowMs >= Volatile.Read(ref _settlesMs);

    /// <summary>Lets the node use it from then on, if it may not before.</summary>
    public void Settle(long atMs) => Volatile.Write(ref _settlesMs, Math.Min(atMs, Volatile.Read(ref _settlesMs)));

    // Written rarely, for the lanes would take it from each other's caches.
    public void Use(long nowMs)
    {
        if (nowMs - UsedMs >= UseMs)
            Volatile.Write(ref _usedMs, nowMs);
    }
}
