using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>From our ids to domain handles and back. libvirt stores UUIDs as 16 bytes in the order they are
/// printed.</summary>
// SAFETY: the only pointers are to 16-byte buffers on the stack, the length libvirt reads or writes; it keeps none.
internal static unsafe class DomainIdentity
{
    private const int UuidBytes = 16;

    /// <summary>Looks the call's domain up; an unknown one is a failure with
    /// <see cref="LibvirtCode.NoDomain"/>.</summary>
    internal static DomainHandle Find(ConnectHandle connection, CallName call)
    {
        var id = call.Domain ?? throw new InvalidOperationException($"'{call.Operation}' names no domain.");
        // SAFETY: libvirt reads exactly 16 bytes of this stack buffer during the call.
        var raw = stackalloc byte[UuidBytes];
        id.TryWriteBytes(new Span<byte>(raw, UuidBytes), bigEndian: true, out _);
        return NativeFailure.Check(NativeDomain.virDomainLookupByUUID(connection, raw), call);
    }

    /// <summary>Reads the id of a borrowed domain pointer.</summary>
    internal static Guid IdOf(nint domain, CallName call)
    {
        // SAFETY: libvirt writes exactly 16 bytes into this stack buffer during the call.
        var raw = stackalloc byte[UuidBytes];
        NativeFailure.Check(NativeDomain.virDomainGetUUID(domain, raw), call);
        return new Guid(new ReadOnlySpan<byte>(raw, UuidBytes), bigEndian: true);
    }

    /// <summary>Reads the name of a borrowed domain pointer.</summary>
    internal static string NameOf(nint domain) =>
        Marshal.PtrToStringUTF8(NativeDomain.virDomainGetName(domain)) ?? "";

    /// <summary>Reads id, name and state of a borrowed domain pointer.</summary>
    internal static DomainInfo Describe(nint domain, CallName call)
    {
        NativeFailure.Check(NativeDomain.virDomainGetState(domain, out var state, out var reason, 0), call);
        return new DomainInfo(IdOf(domain, call), NameOf(domain), (DomainState)state, reason);
    }
}
