using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Switch;

/// <summary>A machine under QEMU on a node's TAP that looks for its host without end and says what it found.</summary>
internal sealed class ScanningGuest : IAsyncDisposable
{
    // Each way of looking is the same in every round. The neighbour entries are what a guest can guess or overhear.
    private const string Init = """
        #!/bin/busybox sh
        /bin/busybox mkdir -p /proc /sys /dev /tmp /usr/bin /sbin /usr/sbin; /bin/busybox --install -s
        mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev 2>/dev/null
        exec </dev/null >/dev/ttyS0 2>&1
        for module in $(cat /etc/modules); do insmod "/lib/modules/$module.ko"; done
        option() { for word in $(cat /proc/cmdline); do case "$word" in "vio.$1="*) echo "${word#*=}";; esac; done; }
        ip link set lo up; ip link set eth0 up; ip addr add 10.77.0.200/24 dev eth0
        arp -i eth0 -s 10.77.0.1 "$(option mac)"; arp -i eth0 -s 10.77.0.3 01:80:c2:00:00:0e
        ready() {
          case "$(ip -6 addr show dev eth0)" in *tentative*) false;; *fe80*) true;; *) false;; esac; }
        until ready; do sleep 0.2; done
        self=$(ip -6 addr show dev eth0 | sed -n 's/.*inet6 \(fe80[^/]*\).*/\1/p')
        n=0
        while :; do
          n=$((n + 1)); echo "VIO begin $n"
          ping -c 2 -w 2 10.77.0.1 >/dev/null & ping -c 2 -w 2 10.77.0.3 >/dev/null &
          arping -c 2 -w 2 -I eth0 10.77.0.1 >/tmp/arp & ping -6 -c 2 -w 2 "$(option ll)%eth0" >/tmp/one &
          ping -6 -c 2 -w 2 ff02::1%eth0 >/tmp/all; wait
          arp=$(grep -c 'reply from' /tmp/arp)
          echo "VIO end $n arp=$arp ipv6=$(cat /tmp/one /tmp/all | grep 'bytes from' | grep -cv "from $self")"
        done
        """;

    private readonly Process _machine;
    private readonly DirectoryInfo _directory;
    private readonly ITestOutputHelper _output;

    private ScanningGuest(Process machine, DirectoryInfo directory, ITestOutputHelper output) =>
        (_machine, _directory, _output) = (machine, directory, output);

    private string Serial => Path.Combine(_directory.FullName, "serial");

    /// <summary>Starts it, or skips the test where no guest can be had.</summary>
    public static async Task<ScanningGuest> StartAsync(
        SwitchLab lab, string host, string tap, string mac, string bridgeMac, string linkLocal,
        ITestOutputHelper output)
    {
        if (!File.Exists("/usr/bin/qemu-system-x86_64"))
            Assert.Skip("qemu-system-x86 is not installed");
        GuestImage image;
        try
        {
            var builder = new GuestImageBuilder(
                new ProcessRunner(TimeProvider.System), GuestImageBuilder.DefaultCache);
            image = await builder.BuildAsync(CancellationToken.None);
        }
        catch (GuestImageException reason)
        {
            Assert.Skip(reason.Message);
            throw;
        }

        DirectoryInfo directory = Directory.CreateTempSubdirectory("vioscan");
        string initrd = Path.Combine(directory.FullName, "initrd");
        File.Copy(image.InitrdPath, initrd);
        await using (FileStream file = new(initrd, FileMode.Append))
        await using (var packed = new GZipStream(file, CompressionLevel.Fastest))
        {
            // The kernel unpacks archives that follow each other into one tree.
            var archive = new CpioWriter(packed);
            archive.AddFile("scan", System.Text.Encoding.ASCII.GetBytes(Init + "\n"), executable: true);
            archive.Close();
        }

        var machine = Process.Start("ip",
        [
            "netns", "exec", lab.Namespace(host), "qemu-system-x86_64", "-machine", "pc-q35-7.2,accel=tcg",
            "-cpu", "qemu64", "-m", "160", "-display", "none", "-nodefaults", "-kernel", image.KernelPath,
            "-initrd", initrd,
            "-append", $"{GuestImage.KernelArguments} rdinit=/scan vio.mac={bridgeMac} vio.ll={linkLocal}",
            "-serial", "file:" + Path.Combine(directory.FullName, "serial"),
            "-netdev", $"tap,id=n,ifname={tap},script=no,downscript=no",
            "-device", $"virtio-net-pci,netdev=n,mac={mac}",
        ]);
        return new ScanningGuest(machine, directory, output);
    }

    /// <summary>The answers that the next scan from now on got: ARP replies and IPv6 echo replies.</summary>
    public async Task<(int Arp, int Ipv6)> NextScanAsync()
    {
        int begun = Lines("VIO begin ").Count();
        string end = $"VIO end {begun + 1} ";
        await Until.TrueAsync($"scan {begun + 1} of the guest ends", () => Lines(end).Any(), seconds: 90);
        string line = Lines(end).First();
        _output.WriteLine(line);
        int[] counts = [.. line.Trim().Split(' ')[^2..].Select(
            word => int.Parse(word.Split('=')[1], CultureInfo.InvariantCulture))];
        return (counts[0], counts[1]);
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Serial))
            _output.WriteLine(await File.ReadAllTextAsync(Serial));
        _machine.Kill();
        await _machine.WaitForExitAsync();
        _machine.Dispose();
        _directory.Delete(recursive: true);
    }

    // Whole lines only: the last one may still be in the writing.
    private IEnumerable<string> Lines(string start) => File.Exists(Serial)
        ? File.ReadAllText(Serial).Split('\n')[..^1].Where(l => l.StartsWith(start, StringComparison.Ordinal))
        : [];
}
