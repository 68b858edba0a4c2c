using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary><c>virTypedParameter</c>: name[80], type, and a union of 8 bytes; 96 bytes in all.</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
// SAFETY: the layout is virTypedParameter's, to the byte; Kind says which member of the union is set.
internal unsafe struct TypedParameter
{
    // SAFETY: an inline array of the struct's own memory; libvirt terminates the name within it.
    [FieldOffset(0)] internal fixed byte Field[80];
    [FieldOffset(80)] internal TypedParameterKind Kind;
    [FieldOffset(88)] internal int Int;
    [FieldOffset(88)] internal uint UInt;
    [FieldOffset(88)] internal long Long;
    [FieldOffset(88)] internal ulong ULong;
    [FieldOffset(88)] internal double Double;
    [FieldOffset(88)] internal byte Boolean;
    [FieldOffset(88)] internal nint Text;
}

/// <summary><c>virTypedParameterType</c>.</summary>
internal enum TypedParameterKind
{
    Int = 1,
    UInt = 2,
    Long = 3,
    ULong = 4,
    Double = 5,
    Boolean = 6,
    Text = 7,
}
