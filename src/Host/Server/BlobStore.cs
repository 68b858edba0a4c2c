using System.Security.Cryptography;

namespace VioActors.Daemon.Server;

/// <summary>
/// Image files named by their SHA-256. A file is there as a whole and with the right content, or not at all: it is
/// hashed while it streams into a file of its own and then renamed. Thread-safe.
/// </summary>
internal sealed class BlobStore
{
    private const string Incoming = "incoming-";
    private const int HashLength = 64;
    private readonly string _directory;
    private readonly long _limit;

    /// <summary>Opens the store; what an interrupted upload left is removed.</summary>
    /// <param name="directory">Made when missing.</param>
    /// <param name="limitBytes">Largest file taken.</param>
    public BlobStore(string directory, long limitBytes)
    {
        (_directory, _limit) = (directory, limitBytes);
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var left in Directory.EnumerateFiles(directory, Incoming + "*"))
            File.Delete(left);
    }

    /// <summary>Largest file taken, octets.</summary>
    public long LimitBytes => _limit;

    /// <summary>Whether the text can be the name of a file here: nothing else becomes part of a path.</summary>
    public static bool IsHash(string text) =>
        text.Length == HashLength && text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    /// <summary>Path of the file, or null when it is not there.</summary>
    /// <exception cref="ArgumentException">The text is no hash.</exception>
    public string? Find(string sha256)
    {
        var path = PathOf(sha256);
        return File.Exists(path) ? path : null;
    }

    /// <summary>Takes a file in. A file that is there already stays, and the content is not read.</summary>
    /// <param name="sha256">Its hash.</param>
    /// <param name="content">The file.</param>
    /// <param name="cancel">Stops; nothing is kept.</param>
    /// <param name="arrived">Called whenever a part of it arrived.</param>
    /// <returns>Its length in octets.</returns>
    /// <exception cref="InvalidDataException">The content has another hash, or is too long; nothing is
    /// kept.</exception>
    /// <exception cref="IOException">The disk is full; nothing is kept.</exception>
    public async Task<long> PutAsync(
        string sha256, Stream content, CancellationToken cancel, Action? arrived = null)
    {
        if (Find(sha256) is { } there)
            return new FileInfo(there).Length;
        var incoming = Path.Combine(_directory, Incoming + Guid.NewGuid().ToString("N"));
        try
        {
            var length = await WriteAsync(incoming, sha256, content, arrived, cancel);
            File.Move(incoming, PathOf(sha256), overwrite: true);
            return length;
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    private async Task<long> WriteAsync(
        string path, string sha256, Stream content, Action? arrived, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        var length = 0L;
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None,
            bufferSize: 0);
        while (await content.ReadAsync(buffer, cancel) is > 0 and var count)
        {
            arrived?.Invoke();
            length += count;
            if (length > _limit)
                throw new InvalidDataException($"The file is longer than {_limit} octets, the limit of this site.");
            hash.AppendData(buffer.AsSpan(0, count));
            await file.WriteAsync(buffer.AsMemory(0, count), cancel);
        }
        var actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (actual != sha256)
            throw new InvalidDataException(
                $"The file's SHA-256 is {actual}, not {sha256}: it was changed or cut on its way.");
        file.Flush(flushToDisk: true);
        return length;
    }

    private string PathOf(string sha256) => IsHash(sha256)
        ? Path.Combine(_directory, sha256)
        : throw new ArgumentException($"'{sha256}' is no SHA-256 in lower-case hex.", nameof(sha256));
}
