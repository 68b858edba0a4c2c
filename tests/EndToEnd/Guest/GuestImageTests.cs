using System.Diagnostics;
using System.Text.RegularExpressions;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Guest;

public sealed class GuestImageTests
{
    private readonly ProcessRunner _runner = new(TimeProvider.System);
    private readonly Signals _signals = new(new ProcessRunner(TimeProvider.System), TimeProvider.System);

    [Fact]
    public async Task The_image_is_the_same_every_time_and_boots()
    {
        var builder = new GuestImageBuilder(_runner, GuestImageBuilder.DefaultCache);
        GuestImage image;
        try
        {
            image = await builder.BuildAsync(CancellationToken.None);
        }
        catch (GuestImageException reason)
        {
            Assert.Skip(reason.Message);
            return;
        }

        Assert.Equal(image, await builder.BuildAsync(CancellationToken.None));
        Assert.EndsWith(image.InitrdSha256, image.InitrdPath, StringComparison.Ordinal);
        if (!File.Exists("/usr/bin/qemu-system-x86_64"))
        {
            Assert.Skip("qemu-system-x86 is not installed");
        }

        var said = await BootAsync(image);
        Assert.Contains("VIO ready\n", said, StringComparison.Ordinal);
        var right = Regex.Match(said, @"VIO disk 20 ([0-9a-f]{64})\n");
        var changed = Regex.Match(said, @"VIO disk-control 20 ([0-9a-f]{64})\n");
        Assert.True(right.Success && changed.Success, said);
        Assert.NotEqual(right.Groups[1].Value, changed.Groups[1].Value);
        Assert.Matches(@"VIO work [1-9]", said);
        Assert.Matches(@"VIO parallel 0 0\n(.*\n)*?VIO parallel 0 1\n(.*\n)*?VIO parallel 0 2\n", said);
        Assert.DoesNotContain("VIO disk-bad", said, StringComparison.Ordinal);
        Assert.DoesNotContain("VIO no-module", said, StringComparison.Ordinal);
    }

    // Until the first report of the disk with its control, and a run of a program that has nobody to wait for.
    private async Task<string> BootAsync(GuestImage image)
    {
        var directory = Directory.CreateTempSubdirectory("vio-test-").FullName;
        var serial = Path.Combine(directory, "serial");
        var disk = Path.Combine(directory, "disk");
        await _runner.RunAsync(
            new ProcessCommand("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image.DiskPath, disk));
        using var machine = Process.Start(
            "qemu-system-x86_64",
            [
                "-machine", "pc-q35-7.2,accel=tcg", "-cpu", "qemu64", "-m", "160", "-display", "none", "-nodefaults",
                "-kernel", image.KernelPath, "-initrd", image.InitrdPath,
                "-append", GuestImage.KernelArguments + " vio.disk=1 vio.work=1 vio.parallel=2:10:1",
                "-serial", "file:" + serial, "-drive", $"file={disk},format=qcow2,if=virtio",
            ]);
        try
        {
            await _signals.WaitAsync(
                () => File.Exists(serial) && File.ReadAllText(serial) is var said
                    && Regex.IsMatch(said, @"VIO disk-control 20 \w+\n") && said.Contains("VIO parallel 0 2\n"),
                TimeSpan.FromSeconds(90));
            return await File.ReadAllTextAsync(serial);
        }
        finally
        {
            machine.Kill();
            await machine.WaitForExitAsync();
            Directory.Delete(directory, recursive: true);
        }
    }
}
