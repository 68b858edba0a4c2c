using System.Buffers;
using System.Net;
using System.Threading.Channels;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// One TLS connection that carries datagrams where UDP does not pass. The lane gives it datagrams and never waits:
/// what a full queue has no room for is lost, as in any network. Two tasks read and write.
/// </summary>
internal sealed class StreamLink : IDisposable
{
    private const int QueuedOut = 256;
    private const int QueuedIn = 512;
    private const int BufferBytes = 64 * 1024;
    private static long _ids;
    private readonly Channel<(byte[] Bytes, int Length)> _out = Channel.CreateBounded<(byte[], int)>(
        new BoundedChannelOptions(QueuedOut) { SingleReader = true, SingleWriter = true });

    private readonly SemaphoreSlim _roomIn = new(QueuedIn);
    private readonly CancellationTokenSource _ending = new();
    private readonly Stream _stream;
    private int _closed;

    /// <param name="stream">After TLS; owned from now on.</param>
    /// <param name="remote">The other end, for status.</param>
    public StreamLink(Stream stream, IPEndPoint remote)
    {
        _stream = stream;
        Address = SocketAddress.Of(this, Interlocked.Increment(ref _ids), remote);
    }

    /// <summary>Stands for this connection where others have an address.</summary>
    public SocketAddress Address { get; }

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>When something last came; of the lane.</summary>
    public long LastHeardMs { get; set; }

    /// <summary>Queues a datagram; false when there is no room. Lane thread only.</summary>
    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        if (IsClosed || datagram.Length > StreamFrames.MaxBytes)
            return false;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(StreamFrames.PrefixBytes + datagram.Length);
        if (_out.Writer.TryWrite((buffer, StreamFrames.Write(buffer, datagram))))
            return true;
        ArrayPool<byte>.Shared.Return(buffer);
        return false;
    }

    /// <summary>Gives back the buffer of a received datagram.</summary>
    public void Taken(byte[] buffer)
    {
        ArrayPool<byte>.Shared.Return(buffer);
        if (!IsClosed)
            _roomIn.Release();
    }

    /// <summary>Carries until the connection ends.</summary>
    /// <param name="received">Takes a pooled buffer and the datagram's length; any thread.</param>
    public async Task RunAsync(Action<StreamLink, byte[], int> received)
    {
        try
        {
            Task reading = ReadAsync(received, _ending.Token);
            Task writing = WriteAsync(_ending.Token);
            await Task.WhenAny(reading, writing).ConfigureAwait(false);
            await _ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(reading, writing).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException
            or InvalidDataException)
        {
            // It ended; the peers' paths notice, and a new one is made when it is wanted.
        }
        finally
        {
            Volatile.Write(ref _closed, 1);
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection. Any thread.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _closed, 1);
        _ending.Cancel();
    }

    private async Task ReadAsync(Action<StreamLink, byte[], int> received, CancellationToken stop)
    {
        byte[] buffer = new byte[BufferBytes];
        for (int filled = 0; ;)
        {
            int got = await _stream.ReadAsync(buffer.AsMemory(filled), stop).ConfigureAwait(false);
            if (got == 0)
                return;
            filled += got;
            int taken = 0;
            for (int length; (length = StreamFrames.Length(buffer.AsSpan(taken, filled - taken))) != 0;)
            {
                if (length < 0)
                    throw new InvalidDataException("no datagram");
                await _roomIn.WaitAsync(stop).ConfigureAwait(false);
                byte[] datagram = ArrayPool<byte>.Shared.Rent(length);
                buffer.AsSpan(taken + StreamFrames.PrefixBytes, length).CopyTo(datagram);
                received(this, datagram, length);
                taken += StreamFrames.PrefixBytes + length;
            }

            buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
            filled -= taken;
        }
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        byte[] buffer = new byte[BufferBytes];
        while (await _out.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            int filled = 0;
            while (filled + StreamFrames.PrefixBytes + StreamFrames.MaxBytes <= buffer.Length
                && _out.Reader.TryRead(out (byte[] Bytes, int Length) next))
            {
                next.Bytes.AsSpan(0, next.Length).CopyTo(buffer.AsSpan(filled));
                filled += next.Length;
                ArrayPool<byte>.Shared.Return(next.Bytes);
            }

            await _stream.WriteAsync(buffer.AsMemory(0, filled), stop).ConfigureAwait(false);
        }
    }
}
