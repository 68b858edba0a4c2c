using System.Buffers.Binary;
using System.Text.Json;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Messages on a stream: 4 bytes length, big-endian, then JSON in UTF-8. Bounded by <see
/// cref="Limits.MaxControlMessageBytes"/>.
/// </summary>
internal sealed class ControlStream(Stream stream) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        AllowOutOfOrderMetadataProperties = true,
        MaxDepth = 16,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>Writes one message.</summary>
    /// <exception cref="InvalidDataException">It is longer than the limit.</exception>
    public async Task WriteAsync(ControlMessage message, CancellationToken cancel)
    {
        byte[] body = Encode(message);
        if (body.Length > Limits.MaxControlMessageBytes)
            throw new InvalidDataException(
                $"A control message of {body.Length} bytes is longer than {Limits.MaxControlMessageBytes}.");
        byte[] all = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(all, body.Length);
        body.CopyTo(all, 4);
        await _writing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(all, cancel).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Reads one message; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public async Task<ControlMessage?> ReadAsync(CancellationToken cancel)
    {
        byte[] prefix = new byte[4];
        int got = await stream.ReadAtLeastAsync(prefix, 4, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        if (got == 0)
            return null;
        int length = got == 4 ? BinaryPrimitives.ReadInt32BigEndian(prefix) : -1;
        if (length is < 2 or > Limits.MaxControlMessageBytes)
            throw new InvalidDataException($"A control message must have 2 to {Limits.MaxControlMessageBytes} bytes.");
        byte[] body = new byte[length];
        got = await stream.ReadAtLeastAsync(body, length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return got == length ? Decode(body)
            : throw new InvalidDataException("The stream ended inside a control message.");
    }

    public static byte[] Encode(ControlMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Json);

    /// <summary>Parses one message.</summary>
    /// <exception cref="InvalidDataException">Not JSON, an unknown type, a missing or ill-typed member.</exception>
    public static ControlMessage Decode(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<ControlMessage>(body, Json)
                ?? throw new InvalidDataException("A control message must be an object.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"Not a control message: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
    }
}
