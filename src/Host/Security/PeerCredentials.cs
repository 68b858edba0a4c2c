using System.Buffers.Binary;
using System.Net.Sockets;

namespace VioActors.Daemon.Security;

/// <summary>The process at the other end of a unix socket, as the kernel knows it; it cannot lie about this.</summary>
/// <param name="ProcessId">Its pid when it connected.</param>
/// <param name="UserId">Its effective user id.</param>
/// <param name="GroupId">Its effective group id.</param>
internal sealed record PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Asks the kernel; null when the socket is no unix socket.</summary>
    public static PeerCredentials? Of(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
            return null;
        Span<byte> raw = stackalloc byte[12];
        var length = socket.GetRawSocketOption(SolSocket, SoPeerCred, raw);
        if (length != raw.Length)
            throw new InvalidOperationException($"SO_PEERCRED gave {length} octets instead of {raw.Length}.");
        return new PeerCredentials(
            BinaryPrimitives.ReadInt32LittleEndian(raw),
            BinaryPrimitives.ReadUInt32LittleEndian(raw[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(raw[8..]));
    }
}
