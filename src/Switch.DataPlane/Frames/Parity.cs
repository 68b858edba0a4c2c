using System.Numerics;
using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// One more datagram per super-frame that makes any one lost datagram of it good: the exclusive or of all slices, the
/// shorter last one filled with zeros (the simplest erasure code, as in RFC 5109).
/// </summary>
internal static class Parity
{
    /// <summary>Adds a slice to the parity, or takes it out again.</summary>
    public static void Xor(Span<byte> parity, ReadOnlySpan<byte> slice)
    {
        int wide = slice.Length - slice.Length % Vector<byte>.Count;
        Span<Vector<byte>> left = MemoryMarshal.Cast<byte, Vector<byte>>(parity[..wide]);
        ReadOnlySpan<Vector<byte>> right = MemoryMarshal.Cast<byte, Vector<byte>>(slice[..wide]);
        for (int i = 0; i < left.Length; i++)
            left[i] ^= right[i];
        for (int i = wide; i < slice.Length; i++)
            parity[i] ^= slice[i];
    }
}
