using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VioActors.Bench.Servers;

/// <summary>
/// Passes TCP connections of loopback on to a database, and can lose, refuse, delay and silence them: one for each
/// server, so that one alone can be cut off. Thread-safe.
/// </summary>
internal sealed class Relay : IAsyncDisposable
{
    /// <summary>Connections at once; more are refused.</summary>
    public const int MostConnections = 64;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<RelayedConnection, byte> _open = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly TimeProvider _time;
    private readonly Task _accepting;
    private int _answersCut;

    /// <summary>Listens at once, on a port that the system chooses.</summary>
    public Relay(EndPoint target, TimeProvider time)
    {
        (Target, _time) = (target, time);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Where new connections lead.</summary>
    public EndPoint Target { get; set; }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Whether new connections are reset.</summary>
    public bool IsRefusing { get; set; }

    /// <summary>How long whatever arrives is kept back, in both directions.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Closed: questions wait here.</summary>
    public Gate ToDatabase { get; } = new();

    /// <summary>Closed: answers wait here.</summary>
    public Gate FromDatabase { get; } = new();

    /// <summary>Connections dropped while an answer of theirs was held back: its question had arrived.</summary>
    public int AnswersCut => _answersCut;

    /// <summary>Connections now.</summary>
    public int Connections => _open.Count;

    /// <summary>Resets all connections; what was held back is lost.</summary>
    public void Drop()
    {
        foreach (var one in _open.Keys)
        {
            if (one.HoldsAnswer) Interlocked.Increment(ref _answersCut);
            one.Reset();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Drop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                var one = new RelayedConnection(client);
                if (IsRefusing || _open.Count >= MostConnections)
                    one.Reset();
                else
                    _ = ServeAsync(one);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is being disposed.
        }
    }

    private async Task ServeAsync(RelayedConnection one)
    {
        _open.TryAdd(one, 0);
        try
        {
            await one.RunAsync(this, _time, _stop.Token);
        }
        catch (Exception broken) when (
            broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side is gone, or cut off on purpose.
        }
        finally
        {
            _open.TryRemove(one, out _);
            one.Reset();
        }
    }
}
