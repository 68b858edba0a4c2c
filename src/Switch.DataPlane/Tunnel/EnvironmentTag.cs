using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// What stands for an environment on the wire: hashes of its id, so that ids of any length cost the same.
/// </summary>
internal static class EnvironmentTag
{
    public const int Bytes = 32;

    /// <summary>The binding of every environment when the isolation check is switched off for a control run.</summary>
    public static byte[] Unbound { get; } = new byte[Bytes];

    /// <summary>32 bytes for handshakes, key derivation and associated data.</summary>
    public static byte[] Of(string environmentId) =>
        SHA256.HashData(Encoding.UTF8.GetBytes("vio-environment 1\n" + environmentId));

    /// <summary>
    /// 64 bits, written by the port that a frame came from and compared by the port that it leaves through.
    /// </summary>
    public static ulong Origin(string environmentId) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("vio-origin 1\n" + environmentId)));
}
