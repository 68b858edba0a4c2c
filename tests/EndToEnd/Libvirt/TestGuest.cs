namespace VioActors.EndToEnd.Libvirt;

/// <summary>A guest of Debian's cloud kernel and busybox, kept in a cache. The kernel package is unpacked, never
/// installed.</summary>
/// <remarks>Each second it writes a counter to its disk (if any) and prints one line: uptime, memory, counter, the
/// marker of
/// the base image, and the first counter as read back from the disk.</remarks>
internal static class TestGuest
{
    internal const string Cache = "/var/cache/vioactors/libvirt-tests";
    internal const string Kernel = $"{Cache}/vmlinuz";
    internal const string Initrd = $"{Cache}/initrd.gz";

    // virtio_ring must come before virtio.
    private const string Modules = "virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci failover "
        + "net_failover virtio_net virtio_blk virtio_balloon";

    private const string Script = """
        set -euo pipefail
        cache=$1 modules=$2 init=$3
        work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; mkdir -p "$cache"; cd "$work"
        package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ {print $2; exit}')
        apt-get -o APT::Sandbox::User=root download -q "$package" >/dev/null
        dpkg-deb -x ./*.deb image
        mkdir -p root/bin root/proc root/sys root/dev root/lib/modules; cp /bin/busybox root/bin/
        for m in $modules; do cp "$(find image/lib/modules -name "$m.ko" | head -1)" root/lib/modules/; done
        printf '%s\n' "$init" > root/init; chmod +x root/init
        (cd root && find . | cpio -o -H newc --quiet | gzip) > "$cache/initrd.new"
        cp image/boot/vmlinuz-* "$cache/vmlinuz"; mv "$cache/initrd.new" "$cache/initrd.gz"
        """;

    private const string Init = $$"""
        #!/bin/busybox sh
        /bin/busybox mkdir -p /sbin /usr/bin /usr/sbin; /bin/busybox --install -s
        mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
        for m in {{Modules}}; do insmod /lib/modules/$m.ko; done
        n=0
        while :; do
          n=$((n+1)); first=none; base=none
          if [ -b /dev/vda ]; then
            echo "count-$n" > /count; dd if=/count of=/dev/vda bs=512 seek=$((n+99)) conv=notrunc,fsync 2>/dev/null
            echo 3 > /proc/sys/vm/drop_caches
            base=$(dd if=/dev/vda bs=16 count=1 2>/dev/null)
            first=$(dd if=/dev/vda bs=512 skip=100 count=1 2>/dev/null | head -1)
          fi
          echo "TICK $n up=$(cut -d. -f1 /proc/uptime) mem=$(awk '/MemTotal/{print $2}' /proc/meminfo)" \
            "base=$base first=$first"
          sleep 1
        done
        """;

    /// <summary>Makes the cached files when they are missing.</summary>
    internal static async Task PrepareAsync()
    {
        if (!File.Exists(Initrd))
            await Tool.RunAsync("bash", "-c", Script, "build-guest", Cache, Modules, Init);
    }

    /// <summary>A domain with pinned machine type and CPU model, its console in a file, optionally a network port and a
    /// disk.</summary>
    internal static string DomainXml(Guid id, string? overlay = null, string? baseImage = null) => $"""
        <domain type='qemu'><name>vio-{id:N}</name><uuid>{id}</uuid>
         <memory unit='MiB'>256</memory><currentMemory unit='MiB'>256</currentMemory><vcpu>1</vcpu>
         <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><kernel>{Kernel}</kernel><initrd>{Initrd}</initrd>
          <cmdline>console=ttyS0 quiet</cmdline></os>
         <features><acpi/></features>
         <cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model></cpu>
         <devices>{(overlay is null ? "" : DiskXml(overlay, baseImage!))}
          <interface type='bridge'><source bridge='{LabHost.Bridge}'/>
           <target dev='vio{id.ToString("N")[..11]}'/><model type='virtio'/></interface>
          <serial type='file'><source path='{LabHost.LogDirectory}/{id}.log' append='on'/></serial>
          <memballoon model='virtio'><stats period='1'/></memballoon>
         </devices></domain>
        """;

    // The base is shared and read-only: libvirt must not change its owner. cache='none' makes a move safe to libvirt.
    private static string DiskXml(string overlay, string baseImage) => $"""
        <disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/><source file='{overlay}'/>
         <backingStore type='file'><format type='raw'/>
          <source file='{baseImage}'><seclabel model='dac' relabel='no'/></source>
          <backingStore/></backingStore>
         <target dev='vda' bus='virtio'/></disk>
        """;
}
