using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary>A lab as another process sees it.</summary>
/// <param name="Id">The lab's id.</param>
/// <param name="Phase">starting, up, or abandoned when its supervisor is dead.</param>
/// <param name="Hosts">Number of hosts.</param>
/// <param name="Api">The server's unix socket.</param>
/// <param name="Processes">Every process with a record.</param>
internal sealed record LabStatus(
    string Id, string Phase, int Hosts, string Api, IReadOnlyList<LabProcessStatus> Processes)
{
    /// <summary>All labs below a directory, by id.</summary>
    public static IReadOnlyList<LabStatus> All(string baseDirectory) => Directory.Exists(baseDirectory)
        ?
        [
            .. Directory.EnumerateDirectories(baseDirectory)
                .Where(root => LabOptions.IsId(Path.GetFileName(root)))
                .Order(StringComparer.Ordinal)
                .Select(Of),
        ]
        : [];

    private static LabStatus Of(string root)
    {
        var pids = Path.Combine(root, "pids");
        var record = LabRecord.Load(root);
        var supervisor = PidRecord.Load(Path.Combine(pids, LabInstance.SupervisorRecord));
        var processes = Directory.Exists(pids)
            ? Directory.EnumerateFiles(pids).Where(path => !path.EndsWith(".new", StringComparison.Ordinal))
            : [];
        return new LabStatus(
            Path.GetFileName(root),
            supervisor is { IsAlive: true } ? record?.Phase ?? "starting" : "abandoned",
            record?.Hosts ?? 0,
            Path.Combine(root, "server", "run", "api.sock"),
            [
                .. processes.Order(StringComparer.Ordinal).Select(path => PidRecord.Load(path) is { } pid
                    ? new LabProcessStatus(Path.GetFileName(path), pid.Pid, pid.IsAlive)
                    : new LabProcessStatus(Path.GetFileName(path), 0, false)),
            ]);
    }
}

/// <summary>One process of a lab.</summary>
/// <param name="Name">Its name: h1-libvirtd, server ...</param>
/// <param name="Pid">Its last known id.</param>
/// <param name="Alive">Whether that very process runs.</param>
internal sealed record LabProcessStatus(string Name, int Pid, bool Alive);
