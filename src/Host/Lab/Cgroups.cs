using System.Globalization;

namespace VioActors.Daemon.Lab;

/// <summary>
/// The machine's cgroup hierarchies, version 1 (one tree per controller) or 2 (one tree), and the groups labs make in
/// them. A mixed machine counts as version 1: there the version 2 tree has no controllers.
/// </summary>
internal sealed class Cgroups
{
    // Version 2 forbids processes in a group that hands controllers to children: daemons get a leaf beside libvirt's.
    private const string DaemonLeaf = "daemons";
    private readonly (string Controllers, string Path)[] _hierarchies;

    private Cgroups(bool isV2, (string Controllers, string Path)[] hierarchies)
    {
        IsV2 = isV2;
        _hierarchies = hierarchies;
    }

    /// <summary>Whether the machine uses the unified hierarchy.</summary>
    public bool IsV2 { get; }

    /// <summary>What <c>hold.sh</c> mounts: "v2" or the version 1 hierarchies.</summary>
    public string MountList => IsV2 ? "v2" : string.Join(' ', _hierarchies.Select(hierarchy => hierarchy.Controllers));

    /// <summary>Finds the hierarchies of this machine.</summary>
    /// <exception cref="LabException">None has the cpu and memory controllers that guests need.</exception>
    public static Cgroups Detect() => Parse(File.ReadAllLines("/proc/self/mountinfo"));

    /// <summary>Finds the hierarchies in lines of /proc/self/mountinfo.</summary>
    /// <exception cref="LabException">None has the cpu and memory controllers that guests need.</exception>
    public static Cgroups Parse(IEnumerable<string> mountInfo)
    {
        var versionOne = new List<(string Controllers, string Path)>();
        string? unified = null;
        foreach (var line in mountInfo)
        {
            // ID PARENT DEVICE ROOT MOUNTPOINT OPTIONS TAGS... - TYPE SOURCE SUPEROPTIONS
            var halves = line.Split(" - ");
            var tail = halves[^1].Split(' ');
            var point = halves[0].Split(' ')[4];
            if (tail[0] == "cgroup2" && point == "/sys/fs/cgroup")
            {
                unified = point;
            }
            else if (tail[0] == "cgroup" && !tail[2].Contains("name=", StringComparison.Ordinal))
            {
                // A chroot or a container of this machine may show the same hierarchy again elsewhere.
                var controllers = string.Join(',', tail[2].Split(',').Where(option => option is not ("rw" or "ro")));
                if (!versionOne.Exists(known => known.Item1 == controllers)) versionOne.Add((controllers, point));
            }
        }

        if (unified is not null)
        {
            return new Cgroups(isV2: true, [("", unified)]);
        }

        string[] needed = ["cpu", "memory", "cpuset"];
        var present = versionOne.SelectMany(hierarchy => hierarchy.Controllers.Split(',')).ToHashSet();
        return needed.All(present.Contains)
            // A container's or a chroot's mounts show the same tree again.
            ? new Cgroups(isV2: false, [.. versionOne.DistinctBy(hierarchy => hierarchy.Controllers)])
            : throw new LabException(
                $"A lab needs the cgroup controllers {string.Join(", ", needed)}; this machine mounts "
                + $"{(present.Count == 0 ? "none" : string.Join(", ", present))}. Next step: mount /sys/fs/cgroup.");
    }

    /// <summary>Makes a group in every hierarchy, bound to the given cores.</summary>
    public void Create(string name, IReadOnlyList<int> cores)
    {
        var list = string.Join(',', cores.Select(core => core.ToString(CultureInfo.InvariantCulture)));
        foreach (var (controllers, root) in _hierarchies)
        {
            if (IsV2)
            {
                EnableControllers(root);
            }

            var group = Path.Combine(root, name);
            Directory.CreateDirectory(group);
            if (IsV2)
            {
                Directory.CreateDirectory(Path.Combine(group, DaemonLeaf));
                if (File.Exists(Path.Combine(group, "cpuset.cpus")))
                {
                    File.WriteAllText(Path.Combine(group, "cpuset.cpus"), list);
                }
            }
            else if (controllers.Split(',').Contains("cpuset"))
            {
                var memories = File.ReadAllText(Path.Combine(root, "cpuset.mems"));
                File.WriteAllText(Path.Combine(group, "cpuset.mems"), memories);
                File.WriteAllText(Path.Combine(group, "cpuset.cpus"), list);
            }
        }
    }

    /// <summary>
    /// Files to which a process writes its id to join; the namespace's first process joins the group itself.
    /// </summary>
    public IEnumerable<string> JoinFiles(string name, bool first = false) => _hierarchies.Select(
        hierarchy => Path.Combine(hierarchy.Path, name, IsV2 && !first ? DaemonLeaf : "", "cgroup.procs"));

    /// <summary>
    /// Every group, the lab's own and libvirt's below, whose first name begins with a prefix; deepest first.
    /// </summary>
    public IReadOnlyList<string> Groups(string prefix) =>
    [
        .. _hierarchies
            .Where(hierarchy => Directory.Exists(hierarchy.Path))
            .SelectMany(hierarchy => Directory.EnumerateDirectories(hierarchy.Path, prefix + "*"))
            .SelectMany(top => Directory.EnumerateDirectories(top, "*", SearchOption.AllDirectories).Append(top))
            .OrderByDescending(path => path.Length),
    ];

    /// <summary>Removes all groups with a prefix; false while a process keeps one of them.</summary>
    public bool TryRemove(string prefix)
    {
        foreach (var group in Groups(prefix))
        {
            try
            {
                Directory.Delete(group);
            }
            catch (IOException)
            {
                // Still has members or children: the caller tries again.
            }
        }

        return Groups(prefix).Count == 0;
    }

    private static void EnableControllers(string root)
    {
        foreach (var controller in File.ReadAllText(Path.Combine(root, "cgroup.controllers")).Trim().Split(' '))
        {
            if (controller is "cpu" or "memory" or "cpuset" or "io" or "pids")
            {
                File.WriteAllText(Path.Combine(root, "cgroup.subtree_control"), "+" + controller);
            }
        }
    }
}
