using System.Text;

namespace VioActors.Daemon.Security;

/// <summary>Files that only their owner may read, written as a whole or not at all.</summary>
internal static class PrivateFile
{
    /// <summary>Makes or replaces a file with mode 0600; durable when this returns.</summary>
    /// <exception cref="IOException">The disk is full, or the directory is missing.</exception>
    public static void Write(string path, string text)
    {
        var incoming = path + ".incoming";
        File.Delete(incoming);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(incoming, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(incoming, path, overwrite: true);
    }
}
