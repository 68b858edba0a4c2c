using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VioActors.Switch.DataPlane;

/// <summary>A UDP address in the kernel's form, encoded once so that the hot path never converts.</summary>
internal sealed class SocketAddress
{
    public const int MaxBytes = 28;
    private const ushort StreamFamily = ushort.MaxValue;

    private SocketAddress(byte[] bytes, IPEndPoint endPoint)
    {
        Bytes = bytes;
        EndPoint = endPoint;
    }

    /// <summary>sockaddr_in (16 bytes) or sockaddr_in6 (28 bytes). Never changed after construction.</summary>
    public byte[] Bytes { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>The connection that this is; null for an address.</summary>
    public StreamLink? Stream { get; private init; }

    /// <summary>Whether it leads nowhere: the peer has not been seen anywhere yet.</summary>
    public bool IsNone => EndPoint.Port == 0;

    /// <summary>
    /// Whether the kernel takes several datagrams for this address in one call; false after it refused. Of the lane
    /// thread that sends there.
    /// </summary>
    public bool TakesRuns { get; set; } = true;

    /// <summary>Datagrams of the shortest run there is.</summary>
    public const int ShortestRun = 2;

    /// <summary>Datagrams that a run must have; more where short ones are lost.</summary>
    public int LeastRun { get; set; } = ShortestRun;

    /// <summary>Whether runs are off because a self-test lost them, and not because the kernel refused.</summary>
    public bool FailedTest { get; set; }

    public int Family => Bytes.Length == 16 ? LibC.AF_INET : LibC.AF_INET6;

    /// <summary>Encodes an address.</summary>
    public static SocketAddress From(IPEndPoint endPoint)
    {
        bool v4 = endPoint.AddressFamily == AddressFamily.InterNetwork;
        byte[] bytes = new byte[v4 ? 16 : 28];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(v4 ? LibC.AF_INET : LibC.AF_INET6));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(bytes.AsSpan(v4 ? 4 : 8), out _);
        return new SocketAddress(bytes, endPoint);
    }

    /// <summary>Makes what stands for a connection: a family that no kernel gives, and its id.</summary>
    public static SocketAddress Of(StreamLink stream, long id, IPEndPoint remote)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)id << 16 | StreamFamily);
        return new SocketAddress(bytes, remote) { Stream = stream };
    }

    /// <summary>The id of the connection that this stands for; 0 for an address.</summary>
    public static long StreamIdOf(ReadOnlySpan<byte> from) =>
        BinaryPrimitives.ReadUInt16LittleEndian(from) == StreamFamily
            ? (long)(BinaryPrimitives.ReadUInt64LittleEndian(from) >> 16) : 0;

    /// <summary>Takes over a received address.</summary>
    public static SocketAddress From(ReadOnlySpan<byte> received)
    {
        bool v4 = BinaryPrimitives.ReadUInt16LittleEndian(received) == LibC.AF_INET;
        var address = new IPAddress(v4 ? received.Slice(4, 4) : received.Slice(8, 16));
        return From(new IPEndPoint(address, PortOf(received)));
    }

    /// <summary>
    /// Whether a received address is this one: family, port and address; flow label and scope do not count.
    /// </summary>
    public bool Matches(ReadOnlySpan<byte> received)
    {
        if (received.Length < Bytes.Length || !received[..4].SequenceEqual(Bytes.AsSpan(0, 4)))
            return false;
        return Bytes.Length == 16
            ? received.Slice(4, 4).SequenceEqual(Bytes.AsSpan(4, 4))
            : received.Slice(8, 16).SequenceEqual(Bytes.AsSpan(8, 16));
    }

    /// <summary>The port of an encoded address.</summary>
    public static int PortOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
}
