using System.Text;

namespace VioActors.Daemon.Guest;

/// <summary>
/// Writes a cpio archive in the "newc" format the Linux kernel unpacks as its first root file system. The bytes
/// depend on the entries alone: owner 0, time 0, inode numbers by order. Not thread-safe; the caller owns the stream.
/// </summary>
internal sealed class CpioWriter(Stream output)
{
    private const int Directory = 0x4000;
    private const int RegularFile = 0x8000;
    private int _inode;
    private long _position;
    private bool _closed;

    /// <summary>Adds a directory; parents must be added before their children, or the kernel drops these.</summary>
    public void AddDirectory(string name) => Add(name, Directory | 0x1ED /* 0755 */, []);

    /// <summary>Adds a regular file, readable by all, executable when asked.</summary>
    public void AddFile(string name, ReadOnlySpan<byte> content, bool executable = false) =>
        Add(name, RegularFile | (executable ? 0x1ED /* 0755 */ : 0x1A4 /* 0644 */), content);

    /// <summary>Writes the end mark. Nothing can be added afterwards.</summary>
    public void Close()
    {
        Write("TRAILER!!!", mode: 0, []);
        _closed = true;
    }

    private void Add(string name, int mode, ReadOnlySpan<byte> content)
    {
        if (_closed)
        {
            throw new InvalidOperationException($"cpio archive is closed: '{name}' comes too late");
        }

        if (name.Length == 0 || name[0] == '/' || name.Split('/').Any(part => part is "" or "." or ".."))
        {
            throw new ArgumentException($"'{name}' is not a plain relative path", nameof(name));
        }

        Write(name, mode, content);
    }

    private void Write(string name, int mode, ReadOnlySpan<byte> content)
    {
        var nameBytes = Encoding.ASCII.GetBytes(name + '\0');
        // magic, ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
        int[] fields = [++_inode, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, nameBytes.Length, 0];
        Emit(Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(field => field.ToString("X8")))));
        Emit(nameBytes);
        Pad();
        Emit(content);
        Pad();
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        _position += bytes.Length;
    }

    private void Pad()
    {
        Span<byte> zeros = stackalloc byte[4];
        zeros.Clear();
        Emit(zeros[..(int)((4 - (_position % 4)) % 4)]);
    }
}
