using System.Text;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>Reads the end of a guest's serial output, whatever the guest wrote there.</summary>
internal static class SerialLog
{
    /// <summary>Most octets read from the end of the file, so that an answer fits one frame.</summary>
    internal const int MaxBytes = 128 * 1024;

    /// <summary>At most so many of the last lines, oldest first; none when there is no file.</summary>
    public static IReadOnlyList<string> LastLines(string path, int lines)
    {
        if (!File.Exists(path)) return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = (int)Math.Min(file.Length, MaxBytes);
        file.Seek(-length, SeekOrigin.End);
        var octets = new byte[length];
        length = file.ReadAtLeast(octets, length, throwOnEndOfStream: false);
        var text = Encoding.UTF8.GetString(octets, 0, length).Split('\n');
        // The first piece is cut when the file is longer; the last one is empty when the file ends a line.
        var all = text.Select(line => line.TrimEnd('\r')).Skip(file.Length > length ? 1 : 0).ToList();
        if (all is [.., ""]) all.RemoveAt(all.Count - 1);
        return all.Count > lines ? all[^lines..] : all;
    }
}
