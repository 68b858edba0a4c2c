using System.Collections.Concurrent;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The lanes of one switchd, as each sees the others: an inbox per lane, and what holds over all of them. A lane never
/// touches another's state. Thread safe.
/// </summary>
internal sealed class LaneGroup
{
    private readonly ConcurrentDictionary<(string Environment, string Host), ByteBudget> _relayed = [];
    private readonly ConcurrentDictionary<string, LinkLocalTable> _linkLocals = [];
    private readonly LaneInbox[] _inboxes;

    /// <param name="count">Lanes, 1 to <see cref="Limits.MaxLanes"/>.</param>
    /// <param name="time">Clock.</param>
    public LaneGroup(int count, TimeProvider time)
    {
        Invariant.Check(count is >= 1 and <= Limits.MaxLanes, "a switchd has 1 to 8 lanes");
        _inboxes = [.. Enumerable.Range(0, count).Select(_ => new LaneInbox(count))];
        Drops = new DropLog(time);
    }

    public int Count => _inboxes.Length;

    /// <summary>The last dropped frames of all lanes.</summary>
    public DropLog Drops { get; }

    /// <summary>The limits of pairs, which hold over all lanes together.</summary>
    public PairClocks Clocks { get; } = new();

    /// <summary>What is passed on for a host in an environment.</summary>
    public ByteBudget RelayedFor(string environment, string host) =>
        _relayed.GetOrAdd((environment, host), _ => new ByteBudget());

    /// <summary>The link-local addresses that nodes of an environment chose.</summary>
    public LinkLocalTable LinkLocalsOf(string environment) => _linkLocals.GetOrAdd(environment, _ => new());

    /// <summary>This host left the environment.</summary>
    public void Forget(string environment) => _linkLocals.TryRemove(environment, out _);

    /// <summary>The host left the environment.</summary>
    public void Forget(string environment, string host) => _relayed.TryRemove((environment, host), out _);

    /// <summary>What comes to one lane from the others.</summary>
    public LaneInbox InboxOf(int lane) => _inboxes[lane];

    /// <summary>Runs something rare on all lanes but one, soon.</summary>
    public void Tell(int from, Action<SwitchCore> what)
    {
        for (int lane = 0; lane < _inboxes.Length; lane++)
        {
            if (lane != from)
                _inboxes[lane].Post(what);
        }
    }
}
