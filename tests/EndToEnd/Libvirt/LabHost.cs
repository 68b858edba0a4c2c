using System.Diagnostics;
using VioActors.Libvirt;

namespace VioActors.EndToEnd.Libvirt;

/// <summary>One "host": own network, mount, UTS, PID and cgroup namespace, own /dev without KVM, own libvirtd on an
/// empty
/// configuration of ours. QEMU runs as libvirt-qemu. Everything dies with the namespace's first process, and that one
/// ends when our end of its standard input closes, so a killed test run leaves no process behind.</summary>
/// <remarks>The PID namespace is needed, not only tidy: libvirt waits until the QEMU processes it ends are gone, and
/// only a
/// first process that reaps makes that immediate: bash does, unless it replaces itself by its last command (hence
/// "exit"). /dev/kvm is left out because libvirt probes QEMU anew on
/// every start while root can open it and QEMU's user cannot.</remarks>
internal sealed class LabHost : IAsyncDisposable
{
    internal const string Bridge = "viobr0";
    internal const string LogDirectory = "/var/log/libvirt/qemu";
    internal const string MoveDirectory = "/run/vio-move";
    internal const string ImageDirectory = "/var/lib/libvirt/images";
    internal static readonly string[] Controllers =
        ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"];

    private const string Script = """
        set -euo pipefail
        dir=$1 name=$2 core=$3 bridge=$4 controllers=$5
        mkdir -p "$dir"/{etc/qemu,run,lib/images,cache,log/qemu,move,dev} /run/vio-move /run/libvirt
        chmod 755 "$dir" "$dir"/*
        printf 'host_uuid = "%s"\nauth_unix_rw = "none"\nunix_sock_rw_perms = "0700"\n' \
          "$(cat /proc/sys/kernel/random/uuid)" > "$dir/etc/libvirtd.conf"
        printf 'user = "libvirt-qemu"\ngroup = "kvm"\nsecurity_driver = "none"\nstdio_handler = "file"\n' \
          > "$dir/etc/qemu.conf"
        echo "127.0.0.1 localhost $name" > "$dir/hosts"
        for c in $controllers; do mkdir -p "/sys/fs/cgroup/$c/$name"; done
        echo "$core" > "/sys/fs/cgroup/cpuset/$name/cpuset.cpus"
        cat /sys/fs/cgroup/cpuset/cpuset.mems > "/sys/fs/cgroup/cpuset/$name/cpuset.mems"
        for c in $controllers; do echo $$ > "/sys/fs/cgroup/$c/$name/cgroup.procs"; done
        exec unshare --net --cgroup --mount --uts --pid --fork --mount-proc --kill-child bash -c '
          set -euo pipefail; dir=$1 name=$2 bridge=$3 controllers=$4
          hostname "$name"; mount --make-rprivate /; ip link set lo up
          ip link add "$bridge" type bridge; ip link set "$bridge" up
          umount -l /sys; mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /sys/fs/cgroup
          for c in $controllers; do mkdir "/sys/fs/cgroup/$c"; mount -t cgroup -o "$c" cgroup "/sys/fs/cgroup/$c"; done
          mount -t tmpfs -o mode=755,size=1m dev "$dir/dev"; mkdir "$dir"/dev/{net,pts,shm}
          for n in null zero full random urandom tty net/tun; do cp -a "/dev/$n" "$dir/dev/$n"; done
          ln -s pts/ptmx "$dir/dev/ptmx"; ln -s /proc/self/fd "$dir/dev/fd"
          mount -t devpts -o newinstance,ptmxmode=666 pts "$dir/dev/pts"; umount -l /dev; mount --move "$dir/dev" /dev
          mount --bind "$dir/etc" /etc/libvirt; mount --bind "$dir/run" /run/libvirt
          mount --bind "$dir/lib" /var/lib/libvirt
          mount --bind "$dir/cache" /var/cache/libvirt; mount --bind "$dir/log" /var/log/libvirt
          mount --bind "$dir/move" /run/vio-move; mount --bind "$dir/hosts" /etc/hosts
          while :; do libvirtd -p "$dir/libvirtd.pid" >>"$dir/libvirtd.log" 2>&1 </dev/null || sleep 0.2; done &
          cat; exit 0' "$name" "$dir" "$name" "$bridge" "$controllers"
        """;

    private readonly Process process;
    private readonly string name;

    private LabHost(Process process, string directory, string name)
    {
        this.process = process;
        this.name = name;
        Directory = directory;
    }

    /// <summary>Where the host's private directories are, seen from outside.</summary>
    internal string Directory { get; }

    /// <summary>libvirtd's socket, seen from outside.</summary>
    internal string Socket => $"{Directory}/run/libvirt-sock";

    /// <summary>The URI for <see cref="LibvirtConnection.OpenAsync"/>, from outside.</summary>
    internal string Uri => $"qemu+unix:///system?socket={Socket}";

    internal static async Task<LabHost> StartAsync(string directory, string name, int core)
    {
        var start = new ProcessStartInfo("bash")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
            ["-c", Script, "lab-host", directory, name, $"{core}", Bridge, string.Join(' ', Controllers)];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var host = new LabHost(Process.Start(start)!, directory, name);
        await Until.TrueAsync($"libvirtd of {name} answers", async () =>
        {
            if (host.process.HasExited)
                throw new InvalidOperationException(
                    $"{name} did not start: {await host.process.StandardError.ReadToEndAsync()}");
            return File.Exists(host.Socket) && await host.AnswersAsync();
        });
        return host;
    }

    /// <summary>The guest's console so far.</summary>
    internal string Console(Guid domain) =>
        File.Exists($"{Directory}/log/qemu/{domain}.log") ? File.ReadAllText($"{Directory}/log/qemu/{domain}.log") : "";

    /// <summary>Sends a signal to this host's libvirtd only; after KILL a new one is started at once.</summary>
    internal Task SignalLibvirtdAsync(string signal)
    {
        var first = File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Trim();
        return Tool.RunAsync("nsenter", "--target", first, "--pid", "--mount", "bash", "-c",
            "kill -\"$1\" \"$(cat \"$2\")\"", "signal", signal, $"{Directory}/libvirtd.pid");
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var libvirt = await LibvirtConnection.OpenAsync(Uri);
            return true;
        }
        catch (LibvirtException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        foreach (var controller in Controllers)
            await Until.TrueAsync($"cgroup {controller}/{name} is empty",
                () => RemoveGroup(controller));
    }

    private bool RemoveGroup(string controller)
    {
        try
        {
            Remove($"/sys/fs/cgroup/{controller}/{name}");
            return true;
        }
        catch (IOException)
        {
            return false;
        }

        static void Remove(string group)
        {
            foreach (var child in System.IO.Directory.GetDirectories(group))
                Remove(child);
            System.IO.Directory.Delete(group);
        }
    }
}
