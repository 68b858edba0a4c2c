using VioActors.Libvirt;

namespace VioActors.EndToEnd.Libvirt;

/// <summary>Names the tests that share the two hosts.</summary>
[CollectionDefinition(Name)]
public sealed class TwoHostsCollection : ICollectionFixture<TwoHosts>
{
    /// <summary>Of the collection.</summary>
    internal const string Name = "two libvirt hosts";
}

/// <summary>Two hosts with a libvirtd each, shared by all tests of this folder, which run one after another. Skips with
/// a reason where it cannot run.</summary>
public sealed class TwoHosts : IAsyncLifetime
{
    private static readonly string[] Tools =
        ["/usr/sbin/libvirtd", "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-img", "/bin/busybox",
            "/usr/bin/cpio", "/usr/bin/unshare"];

    private readonly string id = $"vioe2e{Environment.ProcessId}";
    private LabHost? first;
    private LabHost? second;

    internal LabHost A => first!;

    internal LabHost B => second!;

    private string Root => $"/run/{id}";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (WhyNot() is not null)
            return;
        await TestGuest.PrepareAsync();
        Directory.CreateDirectory(Root);
        first = await LabHost.StartAsync($"{Root}/a", $"{id}a", 0);
        second = await LabHost.StartAsync($"{Root}/b", $"{id}b", Environment.ProcessorCount > 1 ? 1 : 0);
    }

    /// <summary>Ends the calling test as skipped where two hosts cannot be made.</summary>
    internal void Require()
    {
        if (WhyNot() is { } reason)
            Assert.Skip(reason);
    }

    /// <summary>Puts the same read-only base and an empty overlay on both hosts; the paths are equal inside
    /// both.</summary>
    internal async Task<(string Overlay, string Base)> MakeDiskAsync(Guid domain)
    {
        var (overlay, image) = ($"{LabHost.ImageDirectory}/{domain}.qcow2", $"{LabHost.ImageDirectory}/base.raw");
        foreach (var host in new[] { A, B })
        {
            var images = $"{host.Directory}/lib/images";
            if (!File.Exists($"{images}/base.raw"))
            {
                using (var file = File.Create($"{images}/base.raw"))
                {
                    file.Write("BASE-IMAGE-00001"u8);
                    file.SetLength(32 << 20);
                }
                await Tool.RunAsync("chmod", "444", $"{images}/base.raw");
            }
            // -u: the backing file is checked by QEMU inside the host's namespace, where that path exists.
            await Tool.RunAsync("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", image,
                $"{images}/{domain}.qcow2", "32M");
        }
        return (overlay, image);
    }

    /// <summary>Starts a guest and waits for its first line.</summary>
    internal static async Task BootAsync(LabHost host, LibvirtConnection libvirt, string xml, Guid domain)
    {
        await libvirt.Domains.CreateTransientAsync(xml);
        await Until.TrueAsync($"guest {domain} prints a line",
            () => host.Console(domain).Contains("TICK 1 "));
    }

    private static string? WhyNot()
    {
        if (!Environment.IsPrivilegedProcess)
            return "needs root to make namespaces";
        if (Tools.FirstOrDefault(tool => !File.Exists(tool)) is { } missing)
            return $"{missing} is missing";
        return LabHost.Controllers.FirstOrDefault(c => !File.Exists($"/sys/fs/cgroup/{c}/cgroup.procs"))
            is { } controller
            ? $"cgroup v1 controller {controller} is not mounted"
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (first is not null)
            await first.DisposeAsync();
        if (second is not null)
            await second.DisposeAsync();
        if (Directory.Exists(Root))
            Directory.Delete(Root, recursive: true);
    }
}
