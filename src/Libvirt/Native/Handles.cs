using Microsoft.Win32.SafeHandles;

namespace VioActors.Libvirt.Native;

/// <summary>A <c>virConnectPtr</c>; closing sends a farewell to libvirtd, so it belongs on a worker thread.</summary>
internal sealed class ConnectHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => NativeConnect.virConnectClose(handle) >= 0;
}

/// <summary>A <c>virDomainPtr</c>; freeing it is local and never blocks.</summary>
internal sealed class DomainHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>Takes over one element of a native list.</summary>
    internal static DomainHandle Own(nint domain)
    {
        var owned = new DomainHandle();
        owned.SetHandle(domain);
        return owned;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => NativeDomain.virDomainFree(handle) == 0;
}
