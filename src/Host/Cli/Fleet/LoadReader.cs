using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Simulation.DataCenter;
using VioActors.Simulation.World;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary>Reads the environments of a fleet file.</summary>
/// <param name="sites">Names of the sites, in order.</param>
/// <param name="directory">Where paths of traces begin.</param>
internal sealed class LoadReader(IReadOnlyList<string> sites, string directory)
{
    private const int MostCopies = 1000;
    private static readonly string[] Common =
    [
        "name", "kind", "vcpus", "memory", "memoryUse", "dirty", "workingSet", "apart", "site", "start", "copies",
    ];

    private static readonly Dictionary<string, string[]> Kinds = new()
    {
        ["phased"] = [.. Common, "nodes", "phases", "checkpoint"],
        ["service"] = [.. Common, "nodes", "requests", "cpuPerRequest", "daily", "noise", "bursts"],
        ["traces"] = [.. Common, "files", "columns", "take", "group"],
    };

    private static readonly string[] PhaseKeys = ["work", "demand"];
    private static readonly string[] DailyKeys = ["swing", "peak"];
    private static readonly string[] BurstKeys = ["every", "lasts", "times"];

    /// <summary>The environments of one item: several when it has copies or many traces.</summary>
    public IEnumerable<(YamlPlace Place, string Name, LoadSetup Item)> Read(YamlValue value)
    {
        var any = new YamlSection("an environment", value, [.. Kinds.Values.SelectMany(keys => keys).Distinct()]);
        var kind = any.Required("kind");
        if (!Kinds.TryGetValue(kind, out var keys))
            throw any.PlaceOf("kind").Error(
                $"'{NameRule.Shown(kind)}' is no kind.", $"Kinds are {string.Join(", ", Kinds.Keys)}.");
        var section = new YamlSection($"an environment of kind {kind}", value, keys);
        var name = WorldFile.Name(section);
        section.Required("memory");
        IReadOnlyList<LoadSetup> loads = kind switch
        {
            "phased" => [Phased(section, name)],
            "service" => [Service(section, name)],
            _ => Traces(section, name),
        };
        var copies = section.Number("copies", 1, 1, MostCopies);
        var count = copies * loads.Count;
        return Enumerable.Range(0, count).Select(index =>
        {
            var load = Shared(section, loads[index % loads.Count]);
            if (count > 1) load = load with { Name = $"{name}-{index + 1}" };
            return (section.PlaceOf("name"), load.Name, load);
        });
    }

    private LoadSetup Shared(YamlSection section, LoadSetup load)
    {
        int? site = null;
        if (section.Text("site") is { } named)
        {
            site = sites.Index().Where(one => one.Item == named).Select(one => (int?)one.Index).FirstOrDefault()
                ?? throw section.PlaceOf("site").Error(
                    $"there is no site '{NameRule.Shown(named)}'.", $"Sites are {string.Join(", ", sites)}.");
        }

        return load with
        {
            Site = site,
            Start = section.Measure("start", TimeSpan.Zero, WorldUnits.Days),
            MemoryUse = section.Measure("memoryUse", load.MemoryUse, WorldUnits.Part),
            DirtyMiBPerSecond = section.Measure("dirty", load.DirtyMiBPerSecond, WorldUnits.Number(0, 100_000)),
            WorkingSet = section.Measure("workingSet", load.WorkingSet, WorldUnits.Part),
            Apart = section.Measure("apart", false, WorldUnits.Flag),
        };
    }

    private static int Nodes(YamlSection section) => section.Number("nodes", 1, 1, WorldLimits.MostNodes);

    private static double Vcpus(YamlSection section) => section.Measure("vcpus", 1, WorldUnits.Number(0.1, 256));

    private static int Memory(YamlSection section) => section.Measure("memory", 0, Units.MiB);

    private static PhasedSetup Phased(YamlSection section, string name)
    {
        ImmutableArray<PhaseSetup> phases = [.. section.List("phases").Select(value =>
        {
            var phase = new YamlSection("a phase", value, PhaseKeys);
            phase.Required("work");
            return new PhaseSetup(
                phase.Measure("work", 0, WorldUnits.Number(0.001, 1e9)),
                phase.Measure("demand", Vcpus(section), WorldUnits.Number(0.01, Vcpus(section))));
        })];
        if (phases.IsEmpty) throw section.PlaceOf("phases").Error("there is no phase.", "Add '- {work: 600}'.");
        return new PhasedSetup(name, Nodes(section), Vcpus(section), Memory(section), phases)
        {
            Checkpoint = section.Measure<TimeSpan?>("checkpoint", null, text => WorldUnits.Positive(text)),
        };
    }

    private static ServiceSetup Service(YamlSection section, string name)
    {
        section.Required("requests");
        var service = new ServiceSetup(
            name, Nodes(section), Vcpus(section), Memory(section),
            section.Measure("requests", 0, WorldUnits.Number(0.001, 1e9)),
            section.Measure("cpuPerRequest", TimeSpan.FromMilliseconds(10), WorldUnits.Positive).TotalSeconds)
        {
            Noise = section.Measure("noise", 0, WorldUnits.Part),
        };
        if (section.Section("daily", "a daily pattern", DailyKeys) is { } daily)
            service = service with
            {
                DailySwing = daily.Measure("swing", 0.5, WorldUnits.Part),
                DailyPeak = daily.Measure("peak", service.DailyPeak, Units.Time),
            };
        if (section.Section("bursts", "bursts", BurstKeys) is { } bursts)
            service = service with
            {
                Bursts = new BurstSetup(
                    bursts.Measure("every", TimeSpan.FromHours(1), WorldUnits.Positive),
                    bursts.Measure("lasts", TimeSpan.FromMinutes(5), WorldUnits.Positive),
                    bursts.Measure("times", 3, WorldUnits.Number(1, 1000))),
            };
        return service;
    }

    private List<LoadSetup> Traces(YamlSection section, string name)
    {
        var path = Path.Combine(directory, section.Required("files"));
        var columns = section.Text("columns") ?? "cpu";
        if (columns is not ("cpu" or "cpu-memory"))
            throw section.PlaceOf("columns").Error(
                $"columns '{NameRule.Shown(columns)}' is not allowed.", "Write cpu or cpu-memory.");
        var rows = Rows(section, path, columns == "cpu" ? 1 : 2);
        var group = section.Number("group", 1, 1, WorldLimits.MostNodes);
        return
        [
            .. rows.Chunk(group).Select(chunk => new TraceSetup(
                name, Vcpus(section), Memory(section), [.. chunk.Select(row => Trace(row[0]))])
            {
                Memory = columns == "cpu" ? [] : [.. chunk.Select(row => Trace(row[1]))],
            }),
        ];
    }

    private static List<double[][]> Rows(YamlSection section, string path, int columns)
    {
        try
        {
            // Recorded machines of the second kind may use more than they had booked.
            var rows = TraceFiles.ReadRows(path, columns, columns == 1 ? 100 : 10_000);
            return [.. rows.Take(section.Number("take", rows.Count, 1, rows.Count))];
        }
        catch (Exception bad) when (bad is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw section.PlaceOf("files").Error(bad.Message, "Name a folder of traces, or a .tar.gz of one.");
        }
    }

    private static CpuTrace Trace(double[] shares) => new([.. shares.Select(share => Math.Min(1, share))]);
}
