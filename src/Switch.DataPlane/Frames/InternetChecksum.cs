using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The one's complement sum of RFC 1071 over long ranges. The sum does not depend on the machine's byte order as long
/// as all words have the same, so words are added as they lie and the result is turned once.
/// </summary>
internal static class InternetChecksum
{
    /// <summary>The folded sum (not its complement) in network order; 0 for nothing.</summary>
    public static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        if (Vector256.IsHardwareAccelerated && bytes.Length >= 64)
            sum = SumVectors(ref bytes);
        for (; bytes.Length >= 4; bytes = bytes[4..])
            sum += MemoryMarshal.Read<uint>(bytes);
        if (bytes.Length >= 2)
        {
            sum += MemoryMarshal.Read<ushort>(bytes);
            bytes = bytes[2..];
        }

        if (bytes.Length > 0)
            sum += BitConverter.IsLittleEndian ? bytes[0] : (uint)bytes[0] << 8;
        ushort folded = Fold(sum);
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }

    /// <summary>A sum of folded sums, folded.</summary>
    public static ushort Fold(ulong sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }

    // Halves of 32 bits are added to lanes of 64: 4 billion of them fit.
    private static ulong SumVectors(ref ReadOnlySpan<byte> bytes)
    {
        Vector256<ulong> even = Vector256<ulong>.Zero, odd = Vector256<ulong>.Zero;
        Vector256<ulong> low = Vector256.Create(0xFFFF_FFFFUL);
        for (; bytes.Length >= 32; bytes = bytes[32..])
        {
            Vector256<ulong> words = MemoryMarshal.Read<Vector256<ulong>>(bytes);
            even += words & low;
            odd += words >>> 32;
        }

        return Vector256.Sum(even) + Vector256.Sum(odd);
    }
}
