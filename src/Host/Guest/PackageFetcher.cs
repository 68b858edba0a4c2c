using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Guest;

/// <summary>
/// Downloads Debian packages and unpacks them into a directory; nothing is ever installed, so no kernel lands in
/// /boot. The trust in the bytes is apt's: it checks the signed index of the configured mirrors.
/// </summary>
internal sealed class PackageFetcher(ProcessRunner runner)
{
    private static readonly TimeSpan DownloadTime = TimeSpan.FromMinutes(5);

    /// <summary>The newest kernel package behind Debian's name for "the cloud kernel".</summary>
    /// <exception cref="GuestImageException">apt knows no such package.</exception>
    public async Task<string> KernelPackageAsync(CancellationToken cancel)
    {
        const string Name = "linux-image-cloud-amd64";
        var result = await runner.TryAsync(new ProcessCommand("apt-cache", "depends", Name), cancel);
        var package = result.Output.Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith("Depends: linux-image-", StringComparison.Ordinal))
            .Select(line => line["Depends: ".Length..])
            .FirstOrDefault();
        return package ?? throw new GuestImageException(
            $"apt knows no package '{Name}', the kernel of lab guests. Next step: run 'apt-get update' with "
            + "Debian's main archive among the sources, then try again.");
    }

    /// <summary>Downloads and unpacks the packages into a directory, which must exist.</summary>
    /// <exception cref="GuestImageException">A package could not be fetched or unpacked.</exception>
    public async Task UnpackAsync(IReadOnlyList<string> packages, string target, CancellationToken cancel)
    {
        var downloads = Directory.CreateDirectory(Path.Combine(target, ".deb")).FullName;
        try
        {
            await runner.RunAsync(
                new ProcessCommand("apt-get", ["-q", "-o", "APT::Sandbox::User=root", "download", .. packages])
                {
                    WorkingDirectory = downloads,
                    Timeout = DownloadTime,
                },
                cancel);
            foreach (var archive in Directory.EnumerateFiles(downloads, "*.deb"))
            {
                await runner.RunAsync(new ProcessCommand("dpkg-deb", "-x", archive, target), cancel);
            }
        }
        catch (ProcessFailedException failure)
        {
            throw new GuestImageException(
                $"The guest image needs the Debian packages {string.Join(", ", packages)}, and they could not be "
                + $"fetched: {failure.Message} Next step: check the network and 'apt-get update', then try again.",
                failure);
        }
        finally
        {
            Directory.Delete(downloads, recursive: true);
        }
    }
}
