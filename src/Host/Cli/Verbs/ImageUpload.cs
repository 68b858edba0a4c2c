using System.Security.Cryptography;
using VioActors.Contracts;

namespace VioActors.Daemon.Cli;

/// <summary>The files an image is made of.</summary>
internal sealed record ImageFiles(
    string Name, string Kernel, string Initrd, string? Disk, string? DiskFormat, string CommandLine);

/// <summary>
/// Puts an image into a site: hashes its files, uploads what the site lacks, then states the definition.
/// </summary>
internal sealed class ImageUpload(ImageApi images, Action<string> note)
{
    private const int Tenths = 10;

    /// <summary>Adds the image and gives its definition.</summary>
    /// <exception cref="UsageException">A file cannot be read.</exception>
    public async Task<ImageDefinition> AddAsync(ImageFiles files, CancellationToken cancel)
    {
        try
        {
            var image = new ImageDefinition(
                files.Name,
                await BlobAsync(files.Kernel, "raw", cancel),
                await BlobAsync(files.Initrd, "raw", cancel),
                files.Disk is { } disk ? await BlobAsync(disk, files.DiskFormat ?? "raw", cancel) : null,
                files.CommandLine);
            await images.PutAsync(image, cancel);
            return image;
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"A file of image '{files.Name}' cannot be read: {bad.Message}", "Check the paths.");
        }
    }

    private async Task<Blob> BlobAsync(string path, string format, CancellationToken cancel)
    {
        long bytes;
        string sha256;
        await using (var file = File.OpenRead(path))
        {
            bytes = file.Length;
            sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
        }

        if (await images.HasBlobAsync(sha256, cancel))
        {
            note($"{path}: the site has it");
            return new Blob(sha256, bytes, format);
        }

        var shown = 0L;
        await images.PutBlobAsync(
            sha256, path,
            sent =>
            {
                var tenth = sent * Tenths / Math.Max(bytes, 1);
                if (tenth <= Interlocked.Exchange(ref shown, tenth)) return;
                note($"{path}: {Units.Bytes(sent)} of {Units.Bytes(bytes)}");
            },
            cancel);
        return new Blob(sha256, bytes, format);
    }
}
