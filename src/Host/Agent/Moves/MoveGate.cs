using VioActors.Contracts;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>A stream that was let in.</summary>
/// <param name="Guest">The machine that comes.</param>
/// <param name="Closed">Cancelled when the move's way in is closed.</param>
/// <param name="Leave">Dispose when the stream has ended.</param>
internal sealed record MoveEntry(IncomingGuest Guest, CancellationToken Closed, IDisposable Leave);

/// <summary>
/// The ways in that are open: per move the one host that may use it, and until when it must begin. Once streams run it
/// stays open as long as one does, because the memory stream of a move with a disk begins late. Thread-safe.
/// </summary>
internal sealed class MoveGate(TimeProvider clock)
{
    /// <summary>Time from the preparation to the first stream.</summary>
    internal static readonly TimeSpan BeginWithin = TimeSpan.FromMinutes(15);

    /// <summary>Most ways in at once.</summary>
    internal const int MaxOpen = 256;

    private readonly Dictionary<OperationId, Way> _ways = [];
    private readonly Lock _gate = new();

    /// <summary>Opens the way in for a move; again, renews its time.</summary>
    /// <exception cref="InvalidOperationException">Too many are open.</exception>
    public void Open(OperationId move, IncomingGuest guest, HostId from)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            foreach (var old in _ways.Where(pair => !pair.Value.IsOpen(now)).Select(pair => pair.Key).ToList())
                _ways.Remove(old);
            if (_ways.TryGetValue(move, out var known) && known.Guest == guest && known.From == from)
            {
                known.BeginUntil = clock.GetUtcNow() + BeginWithin;
                return;
            }
            if (_ways.Count >= MaxOpen) throw new InvalidOperationException($"{MaxOpen} moves to this host are open.");
            _ways[move] = new Way(guest, from, clock.GetUtcNow() + BeginWithin);
        }
    }

    /// <summary>Closes the way in of a move and ends its streams; fine when there is none.</summary>
    public void Close(OperationId move)
    {
        Way? way;
        lock (_gate) _ways.Remove(move, out way);
        way?.Closing.Cancel();
    }

    /// <summary>Closes whatever is open for a node.</summary>
    public void Close(NodeId node)
    {
        OperationId[] moves;
        lock (_gate) moves = [.. _ways.Where(pair => pair.Value.Guest.Node == node).Select(pair => pair.Key)];
        foreach (var move in moves) Close(move);
    }

    /// <summary>Lets a stream in, or says why not. What it says to a stranger tells nothing.</summary>
    public (MoveEntry? Entry, string? Denied) Admit(HostId peer, OperationId move)
    {
        lock (_gate)
        {
            if (!_ways.TryGetValue(move, out var way) || way.From != peer || !way.IsOpen(clock.GetUtcNow()))
                return (null, $"host {peer} may not send move {move} here");
            way.Streams++;
            return (new MoveEntry(way.Guest, way.Closing.Token, new Leaving(this, way)), null);
        }
    }

    private sealed class Way(IncomingGuest guest, HostId from, DateTimeOffset beginUntil)
    {
        public IncomingGuest Guest { get; } = guest;
        public HostId From { get; } = from;
        public DateTimeOffset BeginUntil { get; set; } = beginUntil;
        public CancellationTokenSource Closing { get; } = new();
        public int Streams { get; set; }

        public bool IsOpen(DateTimeOffset now) => Streams > 0 || now < BeginUntil;
    }

    private sealed class Leaving(MoveGate gate, Way way) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) != 0) return;
            lock (gate._gate) way.Streams--;
        }
    }
}
