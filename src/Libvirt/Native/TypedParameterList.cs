using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>Arguments for a call: libvirt allocates and grows the array, <see cref="Dispose"/> frees it with its
/// strings.</summary>
// SAFETY: one owner, not shared between threads: libvirt allocates and grows the array, Dispose frees it.
internal sealed unsafe partial class TypedParameterList : IDisposable
{
    // SAFETY: owned by this object from the first Add until Dispose, which clears it.
    private TypedParameter* items;
    private int count;
    private int capacity;

    /// <summary>Begins an empty list.</summary>
    // Before libvirt is initialised, its thread's last error is memory that belongs to somebody else.
    internal TypedParameterList() => NativeFailure.Check(NativeConnect.virInitialize(), Call);

    /// <summary>First element, or null while empty; valid until the next Add or Dispose.</summary>
    internal TypedParameter* Items => items;

    /// <summary>Number of elements.</summary>
    internal int Count => count;

    /// <summary>Appends a copy of a string.</summary>
    internal void Add(string name, string value) =>
        NativeFailure.Check(virTypedParamsAddString(ref items, ref count, ref capacity, name, value), Call);

    /// <summary>Appends an unsigned 64-bit number.</summary>
    internal void AddUnsigned(string name, ulong value) =>
        NativeFailure.Check(virTypedParamsAddULLong(ref items, ref count, ref capacity, name, value), Call);

    /// <summary>Appends a signed 64-bit number.</summary>
    internal void AddSigned(string name, long value) =>
        NativeFailure.Check(virTypedParamsAddLLong(ref items, ref count, ref capacity, name, value), Call);

    /// <summary>Appends a 32-bit number.</summary>
    internal void AddInt(string name, int value) =>
        NativeFailure.Check(virTypedParamsAddInt(ref items, ref count, ref capacity, name, value), Call);

    // SAFETY: this object owns count initialised elements.
    /// <summary>What libvirt would read out of this list; how the marshalling is checked in both directions.</summary>
    internal TypedValues Copy() => TypedValues.Copy(items, count);

    /// <summary>Frees the array; the list is empty afterwards.</summary>
    public void Dispose()
    {
        // SAFETY: items came from libvirt or is null; it is freed once because it is cleared here.
        virTypedParamsFree(items, count);
        items = null;
        count = 0;
        capacity = 0;
    }

    private static readonly CallName Call = new("build parameters", null);

    [LibraryImport(NativeLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int virTypedParamsAddString(
        ref TypedParameter* items, ref int count, ref int capacity, string name, string value);

    [LibraryImport(NativeLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int virTypedParamsAddULLong(
        ref TypedParameter* items, ref int count, ref int capacity, string name, ulong value);

    [LibraryImport(NativeLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int virTypedParamsAddLLong(
        ref TypedParameter* items, ref int count, ref int capacity, string name, long value);

    [LibraryImport(NativeLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int virTypedParamsAddInt(
        ref TypedParameter* items, ref int count, ref int capacity, string name, int value);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial void virTypedParamsFree(TypedParameter* items, int count);
}
