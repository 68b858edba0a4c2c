using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>64 bits that stand for a host in routing headers. Who is meant is proven by the handshake inside.</summary>
internal static class HostTag
{
    public static ulong Of(string hostId) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("vio-host 1\n" + hostId)));
}
