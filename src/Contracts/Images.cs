namespace VioActors.Contracts;

/// <summary>A bootable image of the site: kernel and initial RAM disk, with or without a base disk.</summary>
/// <param name="Name">Unique in the site.</param>
/// <param name="Kernel">The kernel file.</param>
/// <param name="Initrd">The initial RAM disk.</param>
/// <param name="Disk">
/// Read-only base disk that every node gets a private qcow2 overlay on; null for a diskless node.
/// </param>
/// <param name="CommandLine">Kernel command line that every node of this image starts with.</param>
public sealed record ImageDefinition(string Name, Blob Kernel, Blob Initrd, Blob? Disk, string CommandLine);

/// <summary>A file named by its content.</summary>
/// <param name="Sha256">Lower-case hex SHA-256 of the whole file: 64 characters.</param>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="Format"><c>raw</c> or <c>qcow2</c>; stated, never probed.</param>
public sealed record Blob(string Sha256, long Bytes, string Format = "raw");
