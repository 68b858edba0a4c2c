using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VioActors.Daemon.Lab;

/// <summary>
/// Everything about a lab that follows from its options: names, addresses, directories, cores, the user id of
/// unprivileged processes. Pure; making it real is <see cref="LabBuilder"/>'s work.
/// </summary>
internal sealed record LabPlan
{
    /// <summary>Where labs live unless asked otherwise.</summary>
    public const string DefaultBaseDirectory = "/var/lib/vioactors";

    /// <summary>Environment variable that marks every process of a lab; its value is the lab's id.</summary>
    public const string Marker = "VIO_LAB";

    /// <summary>The lab's id.</summary>
    public required string Id { get; init; }

    /// <summary>The lab's own directory; gone after the lab.</summary>
    public required string Root { get; init; }

    /// <summary>User and group id of server and switchd: no account exists for it.</summary>
    public required int UserId { get; init; }

    /// <summary>The machine on which the server runs.</summary>
    public required LabMachine Server { get; init; }

    /// <summary>The machines with a libvirtd and an agent.</summary>
    public required IReadOnlyList<LabMachine> Hosts { get; init; }

    /// <summary>The namespace that holds the bridge which joins all machines.</summary>
    public string LanNamespace => $"{Prefix}lan";

    /// <summary>First part of every namespace and cgroup of this lab.</summary>
    public string Prefix => PrefixOf(Id);

    /// <summary>Server first, then the hosts.</summary>
    public IEnumerable<LabMachine> Machines => Hosts.Prepend(Server);

    /// <summary>Pid records, one file per process.</summary>
    public string PidDirectory => Path.Combine(Root, "pids");

    /// <summary>Logs of the processes the lab starts.</summary>
    public string LogDirectory => Path.Combine(Root, "logs");

    /// <summary>The private copy of the executable that server and agents run.</summary>
    public string AppDirectory => Path.Combine(Root, "app");

    /// <summary>First part of every namespace and cgroup of a lab.</summary>
    public static string PrefixOf(string id) => $"vio-{id}-";

    /// <summary>Log of a lab's background supervisor, beside its directory.</summary>
    public static string LogOf(string root) => root + ".log";

    /// <summary>Works out the plan.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="cores">The cores this machine lets us use, ascending, at least one.</param>
    /// <param name="usedIds">User ids that accounts of this machine have.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message holds every complaint.</exception>
    public static LabPlan From(LabOptions options, IReadOnlyList<int> cores, IReadOnlySet<int> usedIds)
    {
        if (options.Validate() is { Count: > 0 } complaints)
        {
            throw new ArgumentException(string.Join("; ", complaints), nameof(options));
        }

        var root = Path.Combine(options.BaseDirectory, options.Id);
        var hosts = Enumerable.Range(1, options.Hosts)
            .Select(number => Machine(options.Id, root, $"h{number}", 10 + number) with
            {
                Cores = CoresOf(number - 1, options.Hosts, cores),
                HasLibvirt = true,
            })
            .ToArray();
        return new LabPlan
        {
            Id = options.Id,
            Root = root,
            UserId = FreeUserId(options.Id, usedIds),
            Server = Machine(options.Id, root, "server", 1) with { Cores = cores },
            Hosts = hosts,
        };
    }

    /// <summary>Parses a kernel list of cores such as <c>0-2,5</c>.</summary>
    public static IReadOnlyList<int> ParseCores(string list) =>
    [
        .. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(range =>
        {
            var ends = range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }),
    ];

    private static LabMachine Machine(string id, string root, string name, int address) => new()
    {
        Name = name,
        Namespace = PrefixOf(id) + name,
        Address = $"10.77.0.{address}",
        Root = Path.Combine(root, name),
        Cores = [],
        Uuid = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"vio lab {id} {name}")).AsSpan(0, 16)),
    };

    // Neighbouring cores per host; weights only show where guests share a core, so a host gets all its cores or one
    // shared.
    private static IReadOnlyList<int> CoresOf(int index, int hosts, IReadOnlyList<int> cores)
    {
        if (cores.Count < hosts)
        {
            return [cores[index % cores.Count]];
        }

        var first = index * cores.Count / hosts;
        return [.. cores.Skip(first).Take(((index + 1) * cores.Count / hosts) - first)];
    }

    // 61184..65519 is the range systemd's DynamicUser takes from; an id no account has is looked for from a hash of
    // the lab.
    private static int FreeUserId(string id, IReadOnlySet<int> used)
    {
        const int First = 61184;
        const int Count = 4336;
        var start = BitConverter.ToUInt16(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
        return Enumerable.Range(0, Count)
            .Select(step => First + ((start + step) % Count))
            .First(uid => !used.Contains(uid));
    }
}
