using System.Text;

namespace VioActors.Daemon.Guest;

/// <summary>
/// The base disk of guests that have one: mostly a hole, with a line every 16 MiB so that a wrong base shows.
/// </summary>
internal static class BaseDisk
{
    /// <summary>Size in bytes.</summary>
    public const long Length = 64L << 20;

    private const long MarkEvery = 16L << 20;

    /// <summary>Writes the disk; the same bytes every time.</summary>
    public static void Write(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.SetLength(Length);
        for (var offset = 0L; offset < Length; offset += MarkEvery)
        {
            file.Position = offset;
            file.Write(Encoding.ASCII.GetBytes($"vio base disk 1, offset {offset}\n"));
        }
    }
}
