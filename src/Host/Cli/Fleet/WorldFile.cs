using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Simulation.World;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary>A fleet file: the fleet and the policies that shall be tried on it.</summary>
/// <param name="Setup">The fleet.</param>
/// <param name="Policies">Names of the policies.</param>
/// <param name="Options">Parameters of the policy <c>vio</c>.</param>
internal sealed record WorldFile(WorldSetup Setup, ImmutableArray<string> Policies, VioOptions Options)
{
    private static readonly string[] Keys =
    [
        "name", "length", "step", "planEvery", "seed", "policies", "mode", "sitesSee", "sites", "environments",
        "copy", "failures", "people", "vio",
    ];

    private static readonly string[] SiteKeys = ["name", "link", "refuses", "offerLasts", "mostPrice", "hosts"];

    private static readonly string[] HostKeys =
        ["count", "cores", "memory", "power", "link", "boot", "fallAsleep", "sleepWatts"];

    private static readonly string[] CopyKeys = ["atOnce", "rounds", "mostSent", "resume", "speed", "environmentStall"];

    private static readonly string[] FailureKeys =
        ["known", "meanBetween", "repair", "detect", "nodeBoot", "balloons", "moves"];

    private static readonly string[] DeathKeys = ["host", "at"];
    private static readonly string[] PersonKeys = ["environment", "at", "weight", "limit"];

    /// <summary>Reads a file. Traces are found from its directory on.</summary>
    /// <exception cref="SpecException">It is malformed, or the fleet too large: line and column are named.</exception>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static WorldFile Load(string path) =>
        Parse(path, YamlFile.Read(path, TextReader.Null).Text, Path.GetDirectoryName(Path.GetFullPath(path))!);

    /// <summary>Reads the text of a file; <paramref name="file"/> is for messages.</summary>
    /// <exception cref="SpecException">It is malformed, or the fleet is too large.</exception>
    public static WorldFile Parse(string file, string text, string directory)
    {
        var section = new YamlSection("a fleet", YamlTree.Read(file, text), Keys);
        ImmutableArray<SiteSetup> sites = [.. Unique(section.List("sites").Select(Site))];
        if (sites.IsEmpty) throw section.PlaceOf("sites").Error("there is no site.", "Add one.");
        var loads = new LoadReader([.. sites.Select(site => site.Name)], directory);
        var see = section.Text("sitesSee") ?? "offers";
        if (see is not ("offers" or "all"))
            throw section.PlaceOf("sitesSee").Error($"sitesSee '{see}' is not allowed.", "Write offers or all.");
        var setup = new WorldSetup(
            sites, [.. Unique(section.List("environments").SelectMany(loads.Read))])
        {
            Name = section.Text("name") ?? "fleet",
            Length = section.Measure("length", TimeSpan.FromDays(1), WorldUnits.Positive),
            Step = section.Measure("step", TimeSpan.FromSeconds(1), WorldUnits.Positive),
            PlanEvery = section.Measure("planEvery", TimeSpan.FromSeconds(10), WorldUnits.Positive),
            Seed = section.Number("seed", 1, 0, int.MaxValue),
            Mode = Mode(section),
            Offers = see == "offers",
            Copy = section.Section("copy", "copy", CopyKeys) is { } copy ? Copy(copy) : new CopySetup(),
            Failures = section.Section("failures", "failures", FailureKeys) is { } failures
                ? Failures(failures, sites) : new FailureSetup(),
        };
        if (setup.Loads.IsEmpty) throw section.PlaceOf("environments").Error("there is no environment.", "Add one.");
        setup = setup with
        {
            People = [.. section.ListOrNone("people").Select(value => Person(value, setup))],
        };
        if (setup.PlanEvery.Ticks % setup.Step.Ticks != 0)
            throw section.PlaceOf("planEvery").Error(
                "planEvery is no multiple of step.", "Both are rounds of one clock: 'step: 5s', 'planEvery: 60s'.");
        if (WorldLimits.RefusePeriod(setup.PlanEvery) is { } bad)
            throw section.PlaceOf("planEvery").Error(bad, "Write for example 'planEvery: 30s'.");
        return WorldLimits.Refuse(setup) is { } tooMuch
            ? throw section.Place.Error(tooMuch, "Take fewer hosts or nodes, a longer step or a shorter length.")
            : new WorldFile(setup, PoliciesOf(section), OptionsOf(section));
    }

    private static ImmutableArray<string> PoliciesOf(YamlSection section)
    {
        var names = section.ListOrNone("policies");
        foreach (var name in names)
            if (name is not YamlText { Text: var text } || !WorldPolicies.Names.Contains(text))
                throw name.Place.Error(
                    $"'{(name as YamlText)?.Text}' is no policy.",
                    $"Policies are {string.Join(", ", WorldPolicies.Names)}.");
        return names.Count == 0
            ? WorldPolicies.Names
            : [.. names.Cast<YamlText>().Select(name => name.Text).Distinct()];
    }

    private static VioOptions OptionsOf(YamlSection file)
    {
        var options = new VioOptions();
        if (file.Section("vio", "the policy vio", [.. VioParameters.All.Select(one => one.Key)]) is not { } section)
            return options;
        foreach (var one in VioParameters.All.Where(one => section.Text(one.Key) is not null))
            options = one.With(options, section.Measure(one.Key, 0, WorldUnits.Number(one.Least, one.Most)));
        return VioParameters.Refuse(options) is { } bad ? throw section.Place.Error(bad.Reason, bad.Remedy) : options;
    }

    /// <summary>The name of something, checked.</summary>
    public static string Name(YamlSection section)
    {
        var name = section.Required("name");
        return NameRule.Accepts(name)
            ? name
            : throw section.PlaceOf("name").Error(
                $"'{NameRule.Shown(name)}' {NameRule.Problem(name)}.", "Write another name.");
    }

    private static IEnumerable<T> Unique<T>(IEnumerable<(YamlPlace Place, string Name, T Item)> items)
    {
        var seen = new Dictionary<string, YamlPlace>();
        foreach (var (place, name, item) in items)
        {
            if (!seen.TryAdd(name, place))
                throw place.Error($"the name '{name}' is there twice, first in line {seen[name].Line}.",
                    "Give each its own.");
            yield return item;
        }
    }

    private static (YamlPlace Place, string Name, SiteSetup Item) Site(YamlValue value)
    {
        var section = new YamlSection("a site", value, SiteKeys);
        var site = new SiteSetup(Name(section), [.. section.List("hosts").Select(Host)]);
        site = site with
        {
            LinkMiBPerSecond = section.Measure("link", site.LinkMiBPerSecond, WorldUnits.MiBPerSecond),
            Refuses = section.Measure("refuses", 0, WorldUnits.Part),
            OfferLasts = section.Measure("offerLasts", site.OfferLasts, WorldUnits.Positive),
            MostPriceSeconds = section.Measure("mostPrice", TimeSpan.FromSeconds(site.MostPriceSeconds), Units.Time)
                .TotalSeconds,
        };
        return site.Hosts.IsEmpty
            ? throw section.PlaceOf("hosts").Error("the site has no host.", "Add a line '- {count: 4, cores: 8, ...}'.")
            : (section.PlaceOf("name"), site.Name, site);
    }

    private static HostSetup Host(YamlValue value)
    {
        var section = new YamlSection("a group of hosts", value, HostKeys);
        section.Required("memory");
        var host = new HostSetup(
            section.Number("count", 1, 1, WorldLimits.MostHosts),
            section.Measure("cores", 1, WorldUnits.Number(0.1, 1024)),
            section.Measure("memory", 0, Units.MiB));
        return host with
        {
            Power = Power(section) ?? host.Power,
            LinkMiBPerSecond = section.Measure("link", host.LinkMiBPerSecond, WorldUnits.MiBPerSecond),
            Boot = section.Measure("boot", host.Boot, Units.Time),
            FallAsleep = section.Measure("fallAsleep", host.FallAsleep, Units.Time),
            SleepWatts = section.Measure("sleepWatts", host.SleepWatts, WorldUnits.Number(0, 10_000)),
        };
    }

    // A name, or eleven numbers in one text.
    private static PowerCurve? Power(YamlSection section)
    {
        if (section.Text("power") is not { } text) return null;
        if (PowerCurve.Named.TryGetValue(text, out var known)) return known;
        var read = WorldUnits.Number(0, 100_000);
        try
        {
            return new PowerCurve(text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(read));
        }
        catch (Exception bad) when (bad is FormatException or ArgumentException)
        {
            throw section.PlaceOf("power").Error(
                $"power '{NameRule.Shown(text)}' is neither a known curve nor {PowerCurve.Points} rising numbers.",
                $"Known are {string.Join(", ", PowerCurve.Named.Keys)}; or write watts at 0, 10, .. 100 % CPU.");
        }
    }

    private static CopySetup Copy(YamlSection section)
    {
        var copy = new CopySetup();
        return copy with
        {
            AtOnce = section.Number("atOnce", copy.AtOnce, 1, 1000),
            MostRounds = section.Number("rounds", copy.MostRounds, 1, 1000),
            MostSent = section.Measure("mostSent", copy.MostSent, WorldUnits.Number(1, 100)),
            Resume = section.Measure("resume", copy.Resume, Units.Time),
            SpeedWhileCopied = section.Measure("speed", copy.SpeedWhileCopied, WorldUnits.Part),
            EnvironmentStall = section.Measure("environmentStall", copy.EnvironmentStall, Units.Time),
        };
    }

    private static FailureSetup Failures(YamlSection section, ImmutableArray<SiteSetup> sites)
    {
        List<string> hosts =
        [
            .. sites.SelectMany(site => Enumerable.Range(1, site.Hosts.Sum(group => group.Count))
                .Select(host => $"{site.Name}-h{host}")),
        ];
        var failures = new FailureSetup();
        return failures with
        {
            Known = [.. section.ListOrNone("known").Select(value => Death(value, hosts))],
            MeanBetween = section.Measure<TimeSpan?>("meanBetween", null, text => WorldUnits.Positive(text)),
            Repair = section.Measure("repair", failures.Repair, WorldUnits.Days),
            Detect = section.Measure("detect", failures.Detect, Units.Time),
            NodeBoot = section.Measure("nodeBoot", failures.NodeBoot, Units.Time),
            BalloonsRefused = section.Measure("balloons", 0, WorldUnits.Part),
            MovesFail = section.Measure("moves", 0, WorldUnits.Part),
        };
    }

    private static AdaptMode Mode(YamlSection section)
    {
        if (section.Text("mode") is not { } text) return AdaptMode.Automatic;
        var named = Enum.GetNames<AdaptMode>().FirstOrDefault(one => one.ToLowerInvariant() == text);
        return named is not null
            ? Enum.Parse<AdaptMode>(named)
            : throw section.PlaceOf("mode").Error(
                $"'{NameRule.Shown(text)}' is no mode.", "Write manual, partial or automatic.");
    }

    private static PersonSetup Person(YamlValue value, WorldSetup setup)
    {
        var section = new YamlSection("what a person sets", value, PersonKeys);
        var name = section.Required("environment");
        section.Required("at");
        if (!setup.Loads.Any(load => load.Name == name))
            throw section.PlaceOf("environment").Error(
                $"there is no environment '{NameRule.Shown(name)}'.", "Write its name; copies are NAME-1, NAME-2 ..");
        if (section.Text("weight") is null && section.Text("limit") is null)
            throw section.Place.Error("this person sets nothing.", "Write a weight or a limit, or both.");
        return new PersonSetup(name, section.Measure("at", TimeSpan.Zero, WorldUnits.Days))
        {
            CpuWeight = section.Text("weight") is null ? null : section.Number("weight", 100, 1, 10_000),
            CpuQuotaPercent = section.Text("limit") is null ? null : section.Number("limit", 0, 0, 25_600),
        };
    }

    private static (int Host, TimeSpan At) Death(YamlValue value, List<string> hosts)
    {
        var section = new YamlSection("a death", value, DeathKeys);
        var host = hosts.IndexOf(section.Required("host"));
        section.Required("at");
        return host < 0
            ? throw section.PlaceOf("host").Error(
                $"there is no host '{NameRule.Shown(section.Text("host"))}'.",
                $"Hosts are SITE-hN, here {hosts[0]} to {hosts[^1]}.")
            : (host, section.Measure("at", TimeSpan.Zero, WorldUnits.Days));
    }
}
