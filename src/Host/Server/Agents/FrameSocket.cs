using System.Net.WebSockets;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Server.Agents;

/// <summary>
/// Frames of <see cref="AgentFrame"/> over a WebSocket, each at most <see cref="AgentLimits.FrameBytes"/>. One reader;
/// any number of writers. Does not own the socket.
/// </summary>
internal sealed class FrameSocket(WebSocket socket, TimeProvider clock)
{
    private const int LongestReason = 120;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private byte[] _buffer = new byte[16 * 1024];

    /// <summary>The next frame; null when the peer closed.</summary>
    /// <exception cref="BadFrameException">The peer sent something that is no frame; the socket is being closed.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task<AgentFrame?> ReadAsync(CancellationToken cancel)
    {
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, AgentLimits.FrameBytes + 1));
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), cancel);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (length > AgentLimits.FrameBytes)
                throw new BadFrameException(
                    WebSocketCloseStatus.MessageTooBig, $"a frame is longer than {AgentLimits.FrameBytes} octets");
            if (part.MessageType != WebSocketMessageType.Text)
                throw new BadFrameException(WebSocketCloseStatus.InvalidMessageType, "a frame is not text");
            if (part.EndOfMessage)
                return Read(_buffer.AsSpan(0, length));
        }
    }

    /// <summary>Sends a frame as a whole; frames of several callers do not mix.</summary>
    /// <exception cref="WebSocketException">The connection broke, or the peer did not take the frame in time.</exception>
    /// <exception cref="ArgumentException">The frame is too long; nothing was sent.</exception>
    public async Task SendAsync(AgentFrame frame, CancellationToken cancel)
    {
        var octets = JsonSerializer.SerializeToUtf8Bytes(frame, Wire.Json);
        if (octets.Length > AgentLimits.FrameBytes)
            throw new ArgumentException(
                $"A frame to an agent has {octets.Length} octets; the limit is {AgentLimits.FrameBytes}.", nameof(frame));
        await _writing.WaitAsync(cancel);
        try
        {
            // Not the caller's token: giving up inside a frame would end the connection for everybody.
            using var late = new CancellationTokenSource(AgentLimits.Send, clock);
            await socket.SendAsync(octets, WebSocketMessageType.Text, endOfMessage: true, late.Token);
        }
        catch (OperationCanceledException waited)
        {
            throw new WebSocketException($"The peer took no frame for {AgentLimits.Send.TotalSeconds} s.", waited);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Says goodbye and waits a moment for the peer's; for the reader only. The socket may be broken already.</summary>
    public Task CloseAsync(WebSocketCloseStatus status, string why) =>
        TryAsync(cancel => socket.CloseAsync(status, Short(why), cancel));

    /// <summary>Says goodbye; the reader will see the peer's. The socket may be broken already.</summary>
    public Task CloseOutputAsync(WebSocketCloseStatus status, string why) =>
        TryAsync(cancel => socket.CloseOutputAsync(status, Short(why), cancel));

    /// <summary>Cuts the connection.</summary>
    public void Abort() => socket.Abort();

    private async Task TryAsync(Func<CancellationToken, Task> close)
    {
        try
        {
            using var late = new CancellationTokenSource(AgentLimits.Goodbye, clock);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await close(late.Token);
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException or ObjectDisposedException
            or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    /// <summary>A close frame holds at most 123 octets of reason.</summary>
    private static string Short(string why)
    {
        var plain = new string([.. why.Select(c => c is >= ' ' and <= '~' ? c : '?').Take(LongestReason)]);
        return plain.Length < why.Length ? plain[..^3] + "..." : plain;
    }

    private static AgentFrame Read(ReadOnlySpan<byte> octets)
    {
        try
        {
            return JsonSerializer.Deserialize<AgentFrame>(octets, Wire.Json)
                ?? throw new BadFrameException(WebSocketCloseStatus.InvalidPayloadData, "a frame is null");
        }
        catch (Exception bad) when (bad is JsonException or NotSupportedException)
        {
            throw new BadFrameException(WebSocketCloseStatus.InvalidPayloadData, $"a frame cannot be read: {bad.Message}");
        }
    }
}

/// <summary>A peer broke the protocol; its connection ends with this status.</summary>
internal sealed class BadFrameException(WebSocketCloseStatus status, string why) : Exception(why)
{
    /// <summary>What the peer is told.</summary>
    public WebSocketCloseStatus Status { get; } = status;
}
