namespace VioActors.Libvirt.Native;

/// <summary>The one place that names the shared library, so that the version we bind to is said once.</summary>
internal static class NativeLibrary
{
    /// <summary>Soname of libvirt's client library; its ABI has been stable since 0.1.</summary>
    internal const string Name = "libvirt.so.0";
}
