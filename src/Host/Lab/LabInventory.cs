using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary>
/// What of a lab exists right now, found by looking at the machine and not at our own records. After a lab went down
/// every list must be empty; the sum is the figure <c>left_over</c>.
/// </summary>
internal sealed record LabInventory
{
    /// <summary>Processes that carry the lab's marker or are in one of its cgroups, QEMU included.</summary>
    public required IReadOnlyList<PidRecord> Processes { get; init; }

    /// <summary>Named network namespaces.</summary>
    public required IReadOnlyList<string> Namespaces { get; init; }

    /// <summary>Control groups.</summary>
    public required IReadOnlyList<string> Cgroups { get; init; }

    /// <summary>Bridges, TAPs and other links outside of any lab namespace.</summary>
    public required IReadOnlyList<string> Links { get; init; }

    /// <summary>Mounts below the lab's directory.</summary>
    public required IReadOnlyList<string> Mounts { get; init; }

    /// <summary>The lab's directory and its supervisor's log, when they still exist.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Number of things found.</summary>
    public int LeftOver =>
        Processes.Count + Namespaces.Count + Cgroups.Count + Links.Count + Mounts.Count + Files.Count;

    /// <summary>Looks for everything of a lab.</summary>
    /// <param name="id">The lab's id.</param>
    /// <param name="baseDirectory">Where labs live.</param>
    /// <param name="linksBefore">
    /// Links that existed before the lab. Our switch names its links "vio" + 11 characters without a lab's id, so
    /// outside of namespaces only a new one can be the lab's.
    /// </param>
    public static LabInventory Take(string id, string baseDirectory, IReadOnlySet<string> linksBefore)
    {
        var root = Path.Combine(baseDirectory, id);
        var mounts = File.ReadAllLines("/proc/self/mountinfo")
            .Select(line => line.Split(' ')[4])
            .Where(point => point == root || point.StartsWith(root + "/", StringComparison.Ordinal));
        return new LabInventory
        {
            Processes = FindProcesses(id),
            Namespaces = LabNetwork.Namespaces(id),
            Cgroups = Lab.Cgroups.Detect().Groups(LabPlan.PrefixOf(id)),
            Links = [.. LinkNames().Where(name => !linksBefore.Contains(name) && IsOurs(name, id))],
            Mounts = [.. mounts],
            Files = [.. new[] { root, LabPlan.LogOf(root) }.Where(Path.Exists)],
        };
    }

    /// <summary>One line per thing, for messages.</summary>
    public IEnumerable<string> Describe() =>
    [
        .. Processes.Select(process => $"process {process.Pid} ({CommandOf(process.Pid)})"),
        .. Namespaces.Select(name => $"namespace {name}"),
        .. Cgroups.Select(path => $"cgroup {path}"),
        .. Links.Select(name => $"link {name}"),
        .. Mounts.Select(path => $"mount {path}"),
        .. Files.Select(path => $"files {path}"),
    ];

    /// <summary>The links of the network this process is in.</summary>
    public static IReadOnlySet<string> LinkNames() =>
        Directory.EnumerateFileSystemEntries("/sys/class/net").Select(path => Path.GetFileName(path)).ToHashSet();

    /// <summary>Living processes of a lab, this one excepted.</summary>
    public static IReadOnlyList<PidRecord> FindProcesses(string id)
    {
        var marker = $"{LabPlan.Marker}={id}";
        var group = "/" + LabPlan.PrefixOf(id);
        return
        [
            .. Directory.EnumerateDirectories("/proc")
                .Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
                .Where(pid => pid > 0 && pid != Environment.ProcessId)
                .Where(pid => Read(pid, "cgroup").Contains(group, StringComparison.Ordinal)
                    || Read(pid, "environ").Split('\0').Contains(marker))
                .Select(PidRecord.Of)
                .OfType<PidRecord>(),
        ];
    }

    /// <summary>The command name of a process; empty when it is gone.</summary>
    public static string CommandOf(int pid) => Read(pid, "comm").Trim();

    private static bool IsOurs(string link, string id) =>
        (link.Length == 14 && link.StartsWith("vio", StringComparison.Ordinal))
        || ReadFile($"/sys/class/net/{link}/ifalias").Trim() == LabNetwork.AliasOf(id);

    private static string Read(int pid, string file) => ReadFile($"/proc/{pid}/{file}");

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
