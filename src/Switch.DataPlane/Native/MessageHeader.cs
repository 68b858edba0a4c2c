using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>struct msghdr of 64-bit Linux.</summary>
// SAFETY: holds addresses that its maker keeps fixed for the one call it is made for.
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>struct iovec.</summary>
// SAFETY: as above.
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary>
/// struct cmsghdr and its one number: an u16 for UDP_SEGMENT and, where a little-endian int is given, its lower half
/// for UDP_GRO. CMSG_SPACE is 24 for both.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct ControlMessage16
{
    public nuint Length;
    public int Level;
    public int Type;
    public ushort Size;
}
