using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Nodes;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>The streams of a move. Each is a TLS connection of its own, so none can hold up another.</summary>
internal enum MoveStream : byte
{
    /// <summary>No stream: asks whether the move would be taken, and for what the source must know.</summary>
    Check = 0,

    /// <summary>Between the two libvirtd.</summary>
    Control = 1,

    /// <summary>Between the two QEMU: memory.</summary>
    Memory = 2,

    /// <summary>Between the two QEMU: disk.</summary>
    Disk = 3,
}

/// <summary>What the target tells the source before the copy.</summary>
/// <param name="DataDirectory">Where it keeps nodes and images.</param>
/// <param name="DomainType">libvirt's domain type there; a machine cannot change it on its way.</param>
/// <param name="NodePorts">How nodes reach the switch there; a machine cannot change that either.</param>
/// <param name="RunDirectory">
/// Where its sockets are; libvirt uses the same paths on both hosts. Empty from an agent that does not say.
/// </param>
internal sealed record MoveWelcome(
    string DataDirectory, string DomainType, string NodePorts = PortXml.Joint, string RunDirectory = "");

/// <summary>
/// The first octets of a stream, inside TLS. Source: <c>VIOM</c>, version 1, stream, length and text of the move's id.
/// Target: 0 and a welcome, or 1 and the reason why not (length in 2 octets, then UTF-8).
/// </summary>
internal static class MoveMessages
{
    private const byte Version = 1;
    private const int MaxReplyText = 4096;
    private static readonly byte[] Magic = "VIOM"u8.ToArray();

    /// <summary>Names move and stream.</summary>
    public static async Task AskAsync(Stream stream, OperationId move, MoveStream kind, CancellationToken cancel)
    {
        var id = Encoding.ASCII.GetBytes(move.Value);
        await stream.WriteAsync((byte[])[.. Magic, Version, (byte)kind, (byte)id.Length, .. id], cancel);
    }

    /// <summary>Reads what the source asks for.</summary>
    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static async Task<(OperationId Move, MoveStream Kind)> ReadAskAsync(Stream stream, CancellationToken cancel)
    {
        var head = new byte[Magic.Length + 3];
        await ReadAsync(stream, head, cancel);
        if (!head.AsSpan().StartsWith(Magic) || head[4] != Version || !Enum.IsDefined((MoveStream)head[5]))
            throw new InvalidDataException("it did not begin with a move of version 1");
        var id = new byte[head[6]];
        await ReadAsync(stream, id, cancel);
        try
        {
            return (OperationId.From(Encoding.ASCII.GetString(id)), (MoveStream)head[5]);
        }
        catch (FormatException bad)
        {
            throw new InvalidDataException("it named no operation", bad);
        }
    }

    /// <summary>Lets the source in.</summary>
    public static Task WelcomeAsync(Stream stream, MoveWelcome welcome, CancellationToken cancel) =>
        ReplyAsync(stream, 0, JsonSerializer.Serialize(welcome, Wire.Json), cancel);

    /// <summary>Tells the source why not.</summary>
    public static Task RefuseAsync(Stream stream, string why, CancellationToken cancel) =>
        ReplyAsync(stream, 1, why, cancel);

    /// <summary>Reads the target's reply.</summary>
    /// <exception cref="InvalidDataException">It refused, with its reason, or answered nonsense.</exception>
    public static async Task<MoveWelcome> ReadReplyAsync(Stream stream, CancellationToken cancel)
    {
        var head = new byte[3];
        await ReadAsync(stream, head, cancel);
        var length = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(1));
        if (length > MaxReplyText) throw new InvalidDataException("its answer is too long");
        var text = new byte[length];
        await ReadAsync(stream, text, cancel);
        if (head[0] != 0) throw new InvalidDataException(Encoding.UTF8.GetString(text));
        try
        {
            return JsonSerializer.Deserialize<MoveWelcome>(text, Wire.Json) ?? throw new JsonException("null");
        }
        catch (JsonException bad)
        {
            throw new InvalidDataException("its answer cannot be read", bad);
        }
    }

    private static async Task ReplyAsync(Stream stream, byte status, string text, CancellationToken cancel)
    {
        var octets = Encoding.UTF8.GetBytes(text.Length > MaxReplyText / 4 ? text[..(MaxReplyText / 4)] : text);
        var reply = new byte[3 + octets.Length];
        reply[0] = status;
        BinaryPrimitives.WriteUInt16BigEndian(reply.AsSpan(1), (ushort)octets.Length);
        octets.CopyTo(reply, 3);
        await stream.WriteAsync(reply, cancel);
    }

    private static async Task ReadAsync(Stream stream, byte[] into, CancellationToken cancel)
    {
        if (await stream.ReadAtLeastAsync(into, into.Length, throwOnEndOfStream: false, cancel) < into.Length)
            throw new InvalidDataException("it ended inside a message");
    }
}
