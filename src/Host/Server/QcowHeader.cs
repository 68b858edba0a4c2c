using System.Buffers.Binary;

namespace VioActors.Daemon.Server;

/// <summary>
/// The header of a qcow2 file, as far as safety needs it: a file that points at another file could read anything of the
/// host that runs it. Layout after QEMU's docs/interop/qcow2.
/// </summary>
internal static class QcowHeader
{
    private const uint Magic = 0x514649FB; // "QFI", 0xFB
    private const ulong ExternalDataFile = 1 << 2;
    private const int Length = 80;

    /// <summary>What is wrong with the file, the end of a sentence; null when it stands on its own.</summary>
    public static string? Problem(string path)
    {
        Span<byte> header = stackalloc byte[Length];
        using var file = File.OpenRead(path);
        if (file.ReadAtLeast(header, Length, throwOnEndOfStream: false) < Length
            || BinaryPrimitives.ReadUInt32BigEndian(header) != Magic)
            return "is no qcow2 file";
        var version = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (version is not (2 or 3))
            return $"has qcow version {version}; 2 and 3 are taken";
        if (BinaryPrimitives.ReadUInt64BigEndian(header[8..]) != 0)
            return "has a backing file";
        return version == 3 && (BinaryPrimitives.ReadUInt64BigEndian(header[72..]) & ExternalDataFile) != 0
            ? "keeps its data in another file"
            : null;
    }
}
