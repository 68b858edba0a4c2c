using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>
/// Snapshots as compressed JSON files, named by the SHA-256 of the JSON; bounded in number and size. A plan whose
/// snapshot is gone is still known, it only cannot be replayed.
/// </summary>
internal sealed class SnapshotFiles(string directory)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string Suffix = ".json.gz";

    /// <summary>Writes a snapshot, and gives its digest.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public string Write(Snapshot snapshot)
    {
        Directory.CreateDirectory(directory, Private);
        var unfinished = Path.Combine(directory, "new");
        string digest;
        using (var file = File.Create(unfinished))
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
                JsonSerializer.Serialize(new HashingStream(gzip, hash), snapshot, SnapshotJson.Options);
            digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        }

        File.Move(unfinished, PathOf(digest), overwrite: true);
        Prune(digest);
        return digest;
    }

    /// <summary>Reads a snapshot; null when it is not kept any more.</summary>
    /// <exception cref="InvalidDataException">The file is not what was written.</exception>
    public Snapshot? Read(string digest)
    {
        if (!NameRule.IsSha256(digest) || !File.Exists(PathOf(digest))) return null;
        try
        {
            using var json = new MemoryStream();
            using (var gzip = new GZipStream(File.OpenRead(PathOf(digest)), CompressionMode.Decompress))
                CopyBounded(gzip, json);
            json.Position = 0;
            if (Convert.ToHexStringLower(SHA256.HashData(json)) != digest)
                throw new InvalidDataException($"The snapshot {digest} was changed.");
            json.Position = 0;
            return JsonSerializer.Deserialize<Snapshot>(json, SnapshotJson.Options);
        }
        catch (JsonException bad)
        {
            throw new InvalidDataException($"The snapshot {digest} cannot be read.", bad);
        }
    }

    /// <summary>Whether a snapshot is kept.</summary>
    public bool Has(string digest) => NameRule.IsSha256(digest) && File.Exists(PathOf(digest));

    /// <summary>Removes a snapshot that no plan names.</summary>
    public void Remove(string digest) => File.Delete(PathOf(digest));

    private string PathOf(string digest) => Path.Combine(directory, digest + Suffix);

    private void Prune(string newest)
    {
        var files = new DirectoryInfo(directory).GetFiles("*" + Suffix)
            .OrderByDescending(file => file.Name == newest + Suffix).ThenByDescending(file => file.LastWriteTimeUtc);
        var bytes = 0L;
        foreach (var (index, file) in files.Index())
        {
            bytes += file.Length;
            if (index >= AdaptLimits.SnapshotFiles || (index > 0 && bytes > AdaptLimits.SnapshotBytes)) file.Delete();
        }
    }

    private static void CopyBounded(Stream from, MemoryStream to)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            if (to.Length + read > AdaptLimits.SnapshotJsonBytes)
                throw new InvalidDataException($"A snapshot is longer than {AdaptLimits.SnapshotJsonBytes} bytes.");
            to.Write(buffer, 0, read);
        }
    }

    /// <summary>Hashes what goes through.</summary>
    private sealed class HashingStream(Stream inner, IncrementalHash hash) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            inner.Write(buffer);
        }
    }
}
