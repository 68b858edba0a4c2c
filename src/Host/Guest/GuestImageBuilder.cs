using System.IO.Compression;
using System.Security.Cryptography;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Guest;

/// <summary>
/// Builds the lab's guest: Debian's cloud kernel, busybox and our test agent (init.sh), from packages that are
/// downloaded and unpacked only. The result is cached by content hash and rebuilt when the kernel package or the
/// agent changes.
/// </summary>
internal sealed class GuestImageBuilder(ProcessRunner runner, string cacheDirectory)
{
    // In the order insmod needs; the kernel package has no modules.dep before it is installed.
    private static readonly string[] Modules =
    [
        "virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "failover",
        "net_failover", "virtio_net", "virtio_balloon", "virtio_blk",
    ];

    // busybox's nc speaks no UDP, so the isolation check borrows OpenBSD's with the four libraries it loads.
    private static readonly string[] Tools = ["busybox-static", "netcat-openbsd", "libbsd0", "libmd0", "libc6"];

    private static readonly (string In, string Out)[] Programs =
    [
        ("bin/busybox", "bin/busybox"),
        ("bin/nc.openbsd", "usr/lib/vio/nc"),
        ("lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2"),
        ("lib/x86_64-linux-gnu/libc.so.6", "lib/x86_64-linux-gnu/libc.so.6"),
        ("lib/x86_64-linux-gnu/libresolv.so.2", "lib/x86_64-linux-gnu/libresolv.so.2"),
        ("usr/lib/x86_64-linux-gnu/libbsd.so.0", "lib/x86_64-linux-gnu/libbsd.so.0"),
        ("usr/lib/x86_64-linux-gnu/libmd.so.0", "lib/x86_64-linux-gnu/libmd.so.0"),
    ];

    /// <summary>/var/cache/vioactors for root, the user's cache directory otherwise.</summary>
    public static string DefaultCache => Environment.IsPrivilegedProcess
        ? "/var/cache/vioactors"
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "vioactors");

    /// <summary>
    /// Builds what is missing and returns the image. One builder per cache at a time (a lock file sees to it).
    /// </summary>
    /// <exception cref="GuestImageException">Packages cannot be fetched, or lack a file that is needed.</exception>
    public async Task<GuestImage> BuildAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(cacheDirectory);
        await using var mutex = await FileLock.TakeAsync(Path.Combine(cacheDirectory, ".lock"), cancel);
        var kernel = await new PackageFetcher(runner).KernelPackageAsync(cancel);
        var unpacked = await UnpackedAsync(kernel, cancel);
        var (kernelPath, kernelHash) = Keep(
            "vmlinuz", path => File.Copy(Find(unpacked, "boot", "vmlinuz-*"), path, overwrite: true));
        var (initrdPath, initrdHash) = Keep("initrd", path => WriteInitrd(unpacked, path));
        var (diskPath, diskHash) = Keep("disk", BaseDisk.Write);
        return new GuestImage(kernelPath, kernelHash, initrdPath, initrdHash, diskPath, diskHash);
    }

    /// <summary>The root file system: everything below is in a fixed order, so equal inputs give equal bytes.</summary>
    internal static void WriteInitrd(string unpacked, string path)
    {
        using var file = File.Create(path);
        using var packed = new GZipStream(file, CompressionLevel.Optimal);
        var archive = new CpioWriter(packed);
        string[] directories =
        [
            "bin", "dev", "etc", "lib", "lib/modules", "lib/x86_64-linux-gnu", "lib64", "usr", "usr/lib", "usr/lib/vio",
        ];
        foreach (var directory in directories)
        {
            archive.AddDirectory(directory);
        }

        archive.AddFile("init", EmbeddedScript.Bytes("init.sh"), executable: true);
        archive.AddFile("etc/modules", System.Text.Encoding.ASCII.GetBytes(string.Join('\n', Modules) + "\n"));
        foreach (var (source, target) in Programs)
        {
            archive.AddFile(target, File.ReadAllBytes(Existing(Path.Combine(unpacked, source))), executable: true);
        }

        foreach (var module in Modules)
        {
            archive.AddFile(
                $"lib/modules/{module}.ko", File.ReadAllBytes(Find(unpacked, "lib/modules", module + ".ko")));
        }

        archive.Close();
    }

    private static string Existing(string path) => File.Exists(path) ? path : throw Lacks(path);

    private static string Find(string unpacked, string below, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(unpacked, below), pattern, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).LastOrDefault() ?? throw Lacks(Path.Combine(unpacked, below, pattern));

    private static GuestImageException Lacks(string path) => new(
        $"The downloaded packages lack '{path}'. Guests are built from Debian 12 packages; next step: check that apt's "
        + "sources name that release.");

    private async Task<string> UnpackedAsync(string kernel, CancellationToken cancel)
    {
        var target = Path.Combine(cacheDirectory, "packages", kernel);
        if (Directory.Exists(target))
        {
            return target;
        }

        // Unpacked beside and renamed, so that a directory with the final name is always complete.
        var partial = target + ".partial";
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }

        Directory.CreateDirectory(partial);
        await new PackageFetcher(runner).UnpackAsync([kernel, .. Tools], partial, cancel);
        Directory.Move(partial, target);
        return target;
    }

    private (string Path, string Sha256) Keep(string kind, Action<string> write)
    {
        var partial = Path.Combine(cacheDirectory, kind + ".partial");
        write(partial);
        string hash;
        using (var content = File.OpenRead(partial))
        {
            hash = Convert.ToHexStringLower(SHA256.HashData(content));
        }

        var kept = Path.Combine(cacheDirectory, $"{kind}-{hash}");
        File.Move(partial, kept, overwrite: true);
        File.SetUnixFileMode(
            kept, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return (kept, hash);
    }
}
