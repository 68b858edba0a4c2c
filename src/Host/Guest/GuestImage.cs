namespace VioActors.Daemon.Guest;

/// <summary>
/// The files a lab guest boots from. Each lives in a cache under the SHA-256 of its bytes (lower-case hex), so equal
/// names mean equal content.
/// </summary>
/// <param name="KernelPath">A bzImage.</param>
/// <param name="KernelSha256">Content hash of the kernel.</param>
/// <param name="InitrdPath">A gzip-compressed cpio archive.</param>
/// <param name="InitrdSha256">Content hash of the archive.</param>
/// <param name="DiskPath">A read-only raw base disk for overlays, sparse, 64 MiB.</param>
/// <param name="DiskSha256">Content hash of the base disk.</param>
internal sealed record GuestImage(
    string KernelPath,
    string KernelSha256,
    string InitrdPath,
    string InitrdSha256,
    string DiskPath,
    string DiskSha256)
{
    /// <summary>Kernel arguments every guest needs in front of its own <c>vio.*</c> options.</summary>
    public const string KernelArguments = "console=ttyS0 quiet panic=1";
}

/// <summary>The guest image cannot be built; the message names the next step.</summary>
internal sealed class GuestImageException(string message, Exception? inner = null) : Exception(message, inner);
