using System.Buffers.Binary;
using System.Net.Sockets;
using VioActors.Bench.Overlay;

namespace VioActors.Bench.Follow;

/// <summary>A numbered ping every millisecond from one end to the other, for as long as this lives.</summary>
internal sealed class SteadyPings : IAsyncDisposable
{
    private const int Port = 9402;
    private const int Most = 1_000_000;
    private const int Bytes = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly long[] _answeredAt = new long[Most];
    private readonly bool[] _echoed = new bool[Most];
    private readonly Socket _near;
    private readonly Socket _far;
    private Task _threads = Task.CompletedTask;
    private int _sent;
    private int _answered;
    private int _twice;
    private volatile bool _sendsTwice;

    private SteadyPings(Socket near, Socket far, TimeProvider time) => (_near, _far, _time) = (near, far, time);

    /// <summary>Pings that went out.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Pings that were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Pings or answers that came once more.</summary>
    public int Twice => Volatile.Read(ref _twice);

    /// <summary>Starts both ends.</summary>
    public static async Task<SteadyPings> StartAsync(PathEnd near, PathEnd far, TimeProvider time)
    {
        var pings = new SteadyPings(
            await PathSocket.OpenAsync(near, far, Port), await PathSocket.OpenAsync(far, near, Port), time);
        pings._threads = Task.WhenAll(
            NamespaceThread.RunAsync(far.Space, pings.Echo), NamespaceThread.RunAsync(near.Space, pings.Ping));
        return pings;
    }

    /// <summary>The next ping goes out twice.</summary>
    public void SendTwice() => _sendsTwice = true;

    /// <summary>Time from a moment to the next answer; null when none comes within a second.</summary>
    public async Task<TimeSpan?> AnswerAfterAsync(long moment, CancellationToken cancel)
    {
        while (_time.GetElapsedTime(moment) < Patience)
        {
            for (var number = Sent - 1; number >= 0 && Volatile.Read(ref _answeredAt[number]) is var at; number--)
            {
                // Back to the first answer after it: the numbers around it may have been lost.
                if (at > moment && !Earlier(number, moment)) return _time.GetElapsedTime(moment, at);
                if (at != 0 && at <= moment) break;
            }

            await Task.Delay(Pause, _time, cancel);
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _threads;
        _near.Dispose();
        _far.Dispose();
        _stop.Dispose();
    }

    private bool Earlier(int number, long moment)
    {
        for (var before = number - 1; before >= 0; before--)
        {
            var at = Volatile.Read(ref _answeredAt[before]);
            if (at != 0) return at > moment;
        }

        return false;
    }

    private bool Echo()
    {
        var buffer = new byte[Bytes];
        while (!_stop.IsCancellationRequested)
        {
            if (!TryReceive(_far, buffer, out var number)) continue;
            if (_echoed[number]) Interlocked.Increment(ref _twice);
            _echoed[number] = true;
            _far.Send(buffer, SocketFlags.None, out _);
        }

        return true;
    }

    private bool Ping()
    {
        var buffer = new byte[Bytes];
        for (var last = 0L; !_stop.IsCancellationRequested;)
        {
            if (_time.GetElapsedTime(last).TotalMilliseconds >= 1 && _sent < Most)
            {
                BinaryPrimitives.WriteInt32LittleEndian(buffer, _sent);
                last = _time.GetTimestamp();
                Volatile.Write(ref _sent, _sent + 1);
                _near.Send(buffer, SocketFlags.None, out _);
                if (_sendsTwice) _near.Send(buffer, SocketFlags.None, out _);
                _sendsTwice = false;
            }

            if (!TryReceive(_near, buffer, out var number)) continue;
            if (_answeredAt[number] != 0)
            {
                Interlocked.Increment(ref _twice);
                continue;
            }

            Volatile.Write(ref _answeredAt[number], _time.GetTimestamp());
            Interlocked.Increment(ref _answered);
        }

        return true;
    }

    private static bool TryReceive(Socket socket, byte[] buffer, out int number)
    {
        number = 0;
        if (!socket.Poll(500, SelectMode.SelectRead)) return false;
        var count = socket.Receive(buffer, SocketFlags.None, out var error);
        if (error != SocketError.Success || count != Bytes) return false;
        number = BinaryPrimitives.ReadInt32LittleEndian(buffer);
        return number is >= 0 and < Most;
    }
}
