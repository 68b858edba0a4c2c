using VioActors.Libvirt;

namespace VioActors.EndToEnd.Libvirt;

/// <summary>The private sockets of one move. On the source three sockets of ours; on the target a directory of QEMU's
/// user,
/// in which QEMU itself listens. Both sides see them under the same path.</summary>
internal sealed class MoveSockets : IAsyncDisposable
{
    private readonly string path;
    private readonly List<Splice> splices;

    private MoveSockets(string path, List<Splice> splices)
    {
        this.path = path;
        this.splices = splices;
    }

    /// <summary>Bytes copied from source to target: control, memory, disk.</summary>
    internal IReadOnlyList<long> Bytes => [.. splices.Select(s => s.Bytes)];

    internal static async Task<MoveSockets> OpenAsync(LabHost source, LabHost target)
    {
        var id = Guid.NewGuid().ToString("N");
        var (near, far) = ($"{source.Directory}/move/{id}", $"{target.Directory}/move/{id}");
        await Tool.RunAsync("install", "-d", "-m", "0711", near);
        await Tool.RunAsync("install", "-d", "-o", "libvirt-qemu", "-g", "kvm", "-m", "0700", far);
        var sockets = new MoveSockets($"{LabHost.MoveDirectory}/{id}",
        [
            new Splice($"{near}/control.sock", target.Socket),
            new Splice($"{near}/memory.sock", $"{far}/memory.sock"),
            new Splice($"{near}/disk.sock", $"{far}/disk.sock"),
        ]);
        // libvirtd (root) connects control and memory itself and hands disk.sock to its QEMU by its own chown.
        await Tool.RunAsync("chmod", "600", $"{near}/control.sock", $"{near}/memory.sock", $"{near}/disk.sock");
        return sockets;
    }

    internal MigrationRequest Request(bool disk, int? bandwidth = null) =>
        Request(disk, bandwidth, TimeSpan.FromMilliseconds(200));

    internal MigrationRequest Request(bool disk, int? bandwidth, TimeSpan? downtime) => new()
    {
        DestinationUri = $"qemu+unix:///system?socket={path}/control.sock",
        MemoryUri = $"unix://{path}/memory.sock",
        DisksUri = disk ? $"unix://{path}/disk.sock" : null,
        Disks = disk ? ["vda"] : [],
        BandwidthMiBps = bandwidth,
        MaxDowntime = downtime,
        TimeLimit = TimeSpan.FromMinutes(2),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var splice in splices)
            await splice.DisposeAsync();
    }
}
