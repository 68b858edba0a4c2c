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
/// struct cmsghdr and its one number of up to 4 bytes, little-endian; CMSG_SPACE is 24 for all of these.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct AncillaryNumber(int level, int type, int bytes, int number)
{
    public nuint Length = (nuint)(16 + bytes);
    public int Level = level;
    public int Type = type;
    public int Number = number;
}
