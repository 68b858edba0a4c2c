using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// A port on a stream socket of QEMU (<c>-netdev stream,server=on</c>): each frame behind its length, 4 bytes
/// big-endian, and no virtio header. So the machine has no offloads: what comes from others is cut and summed here.
/// Needs no rights. A machine that does not read loses frames, and nobody waits for it.
/// </summary>
internal sealed class StreamDriver(string path) : IPortDriver
{
    private const int LengthBytes = 4;

    // The virtio header is written over the length and the end of the frame before, which is done with.
    private const int Before = Limits.VnetHeaderBytes - LengthBytes;
    private readonly SocketConnector _connector = new(path);
    private readonly byte[] _in =
        GC.AllocateUninitializedArray<byte>(Before + 2 * (LengthBytes + Limits.MaxFrameBytes), pinned: true);
    private readonly byte[] _out = GC.AllocateUninitializedArray<byte>(Limits.StreamOutBytes, pinned: true);
    private readonly byte[] _cut = GC.AllocateUninitializedArray<byte>(Limits.MaxSuperFrameBytes, pinned: true);
    private LanePort? _port;
    private UnixStream? _stream;
    private int _inFrom = Before;
    private int _inTo = Before;
    private int _outFrom;
    private int _outTo;
    private bool _waitsForRoom;
    private string? _broken;

    public PortKind Kind => PortKind.Stream;

    public string Offloads => "";

    public string? Trouble => _broken ?? _connector.Trouble;

    public void Attach(LanePort port)
    {
        _port = port;
        Tick();
    }

    public void Detach() => Close();

    public void Tick()
    {
        if (_stream is not null || _broken is not null || _connector.TryConnect(_port!.NowMs) is not { } stream)
            return;
        _stream = stream;
        if (!_port.TryWatch(stream.Fd))
            Lost();
    }

    public bool Drain(int fd)
    {
        if (_stream is not { } stream || stream.Fd != fd)
            return false;
        if (_waitsForRoom)
            Flush();
        bool isLast = false;
        for (int count = 0, bytes = 0; _stream is not null;)
        {
            while (TryTake(out int length))
            {
                bytes += length;
                if (++count >= Limits.Batch || bytes >= Limits.BatchBytes)
                    return true;
            }

            if (_stream is null || isLast || !Fill(stream, out isLast))
                return false;
        }

        return false;
    }

    public bool Write(ReadOnlySpan<byte> superFrame)
    {
        if (_stream is null)
            return false;
        var cut = new CutFrame(superFrame, PortOffloads.None);
        if (cut.Count == 0 || !MakeRoom(cut.Bytes + cut.Count * LengthBytes))
            return false;
        int from = _outTo;
        for (int i = 0; i < cut.Count; i++)
        {
            ReadOnlySpan<byte> frame = superFrame;
            if (!cut.IsWhole)
                frame = _cut.AsSpan(0, cut.Write(i, _cut));
            if (frame.IsEmpty)
            {
                _outTo = from;
                return false;
            }

            frame = frame[Limits.VnetHeaderBytes..];
            BinaryPrimitives.WriteInt32BigEndian(_out.AsSpan(_outTo), frame.Length);
            frame.CopyTo(_out.AsSpan(_outTo + LengthBytes));
            _outTo += LengthBytes + frame.Length;
        }

        _port!.FlushLater();
        return true;
    }

    public void Flush()
    {
        while (_stream is { } stream && _outFrom < _outTo)
        {
            int written = stream.Write(_out.AsSpan(_outFrom, _outTo - _outFrom));
            if (written < 0 && LibC.Errno == LibC.EINTR)
                continue;
            if (written < 0 && LibC.Errno != LibC.EAGAIN)
            {
                Lost();
                return;
            }

            if (written < 0)
            {
                WaitForRoom(true);
                return;
            }

            _outFrom += written;
        }

        (_outFrom, _outTo) = (0, 0);
        WaitForRoom(false);
    }

    public void Dispose() => _stream?.Dispose();

    // False when nothing more waits, or the connection is gone.
    private bool Fill(UnixStream stream, out bool isLast)
    {
        // Whole frames are gone, so what is left fits before the room for another.
        _in.AsSpan(_inFrom, _inTo - _inFrom).CopyTo(_in.AsSpan(Before));
        (_inFrom, _inTo) = (Before, Before + _inTo - _inFrom);
        int read = stream.Read(_in.AsSpan(_inTo));
        isLast = read < _in.Length - _inTo;
        if (read > 0)
        {
            _inTo += read;
            return true;
        }

        if (read == 0 || LibC.Errno is not (LibC.EAGAIN or LibC.EINTR))
            Lost();
        return false;
    }

    private bool TryTake(out int length)
    {
        length = 0;
        if (_stream is null || _inTo - _inFrom < LengthBytes)
            return false;
        length = BinaryPrimitives.ReadInt32BigEndian(_in.AsSpan(_inFrom));
        if (length is <= 0 or > Limits.MaxFrameBytes)
        {
            Close();
            _broken = $"{path}: the machine announced a frame of {(uint)length} bytes, of 1 to {Limits.MaxFrameBytes}";
            _port!.Break();
            return false;
        }

        if (_inTo - _inFrom < LengthBytes + length)
            return false;
        Span<byte> superFrame = _in.AsSpan(_inFrom - Before, Limits.VnetHeaderBytes + length);
        superFrame[..Limits.VnetHeaderBytes].Clear();
        _inFrom += LengthBytes + length;
        _connector.Served();
        _port!.Take(superFrame);
        return true;
    }

    private bool MakeRoom(int bytes)
    {
        if (_out.Length - _outTo >= bytes)
            return true;
        if (_out.Length - (_outTo - _outFrom) < bytes)
            return false;
        _out.AsSpan(_outFrom, _outTo - _outFrom).CopyTo(_out);
        (_outFrom, _outTo) = (0, _outTo - _outFrom);
        return true;
    }

    private void WaitForRoom(bool wanted)
    {
        if (wanted == _waitsForRoom)
            return;
        _waitsForRoom = wanted;
        if (!_port!.TryWatch(_stream!.Fd, wanted ? Readiness.Input | Readiness.Room : Readiness.Input))
            Lost();
    }

    private void Lost()
    {
        Close();
        _connector.Lost("the machine closed its socket", _port!.NowMs);
    }

    private void Close()
    {
        if (_stream is not { } stream)
            return;
        _stream = null;
        (_inFrom, _inTo, _outFrom, _outTo, _waitsForRoom) = (Before, Before, 0, 0, false);
        _port!.Unwatch(stream.Fd);
        stream.Dispose();
    }
}
