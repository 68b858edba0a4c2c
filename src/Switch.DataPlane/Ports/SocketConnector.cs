using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Connects to a machine's socket again and again: QEMU listens and cannot reconnect. Often while nobody listens, for
/// a starting machine waits for this; with pauses that double when the machine ends the connection. Lane thread only.
/// </summary>
internal sealed class SocketConnector(string path)
{
    private const int FirstPauseMs = 100;
    private long _nextMs;
    private int _pauseMs = FirstPauseMs;

    /// <summary>Why there is no connection; null when the last attempt made one.</summary>
    public string? Trouble { get; private set; } = "not connected yet";

    /// <summary>The connection, when one is due and somebody listens.</summary>
    public UnixStream? TryConnect(long nowMs)
    {
        if (nowMs < _nextMs)
            return null;
        UnixStream? stream = UnixStream.TryConnect(path);
        if (stream is null)
        {
            Trouble = $"{path}: {Marshal.GetPInvokeErrorMessage(LibC.Errno)}; trying again";
            _nextMs = nowMs + FirstPauseMs;
            return null;
        }

        Trouble = null;
        return stream;
    }

    /// <summary>The connection served: the next one is made soon.</summary>
    public void Served() => _pauseMs = FirstPauseMs;

    /// <summary>The connection ended; the next attempt comes after a pause.</summary>
    public void Lost(string why, long nowMs)
    {
        Trouble = $"{path}: {why}; connecting again";
        Pause(nowMs);
    }

    private void Pause(long nowMs)
    {
        _nextMs = nowMs + _pauseMs;
        _pauseMs = Math.Min(2 * _pauseMs, Limits.MaxReconnectPauseMs);
    }
}
