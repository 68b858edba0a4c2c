using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts.Adaptation;

namespace VioActors.Simulation.World;

/// <summary>A fleet and what runs on it. The same setup, seed and policy give the same report.</summary>
/// <param name="Sites">Sites with their hosts; at least one of each.</param>
/// <param name="Loads">Environments; at least one.</param>
public sealed record WorldSetup(ImmutableArray<SiteSetup> Sites, ImmutableArray<LoadSetup> Loads)
{
    /// <summary>For reports.</summary>
    public string Name { get; init; } = "fleet";

    /// <summary>The run ends then, or sooner when every load is one that ends and all have.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Time between two looks at everything, and between samples: shorter is finer and slower.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a manager waits between two rounds, and before the first: whole seconds, a multiple of
    /// <see cref="Step"/>.
    /// </summary>
    public TimeSpan PlanEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What managers do by themselves.</summary>
    public AdaptMode Mode { get; init; } = AdaptMode.Automatic;

    /// <summary>Amounts that people set during the run.</summary>
    public ImmutableArray<PersonSetup> People { get; init; } = [];

    /// <summary>Where all that is random begins.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Whether each site plans alone and sees the others as offers; else one planner sees all hosts of all sites.
    /// </summary>
    public bool Offers { get; init; } = true;

    /// <summary>How nodes are copied between hosts.</summary>
    public CopySetup Copy { get; init; } = new();

    /// <summary>Which hosts die, and what happens then.</summary>
    public FailureSetup Failures { get; init; } = new();

    /// <summary>All hosts of all sites.</summary>
    public int Hosts => Sites.Sum(site => site.Hosts.Sum(group => group.Count));

    /// <summary>All nodes of all environments.</summary>
    public int Nodes => Loads.Sum(load => load.Nodes);
}

/// <summary>Somebody gives all nodes of an environment other amounts; null leaves one as it is.</summary>
/// <param name="Environment">Its name.</param>
/// <param name="At">When.</param>
public sealed record PersonSetup(string Environment, TimeSpan At)
{
    /// <summary>CPU weight, 1 to 10000.</summary>
    public int? CpuWeight { get; init; }

    /// <summary>CPU limit, percent of one core; 0: none.</summary>
    public int? CpuQuotaPercent { get; init; }
}

/// <summary>A site.</summary>
/// <param name="Name">A well-formed id, for example <c>d1</c>.</param>
/// <param name="Hosts">Its hosts, in groups of equal ones.</param>
public sealed record SiteSetup(string Name, ImmutableArray<HostSetup> Hosts)
{
    /// <summary>What its link to other sites carries, in MiB/s; more than 0.</summary>
    public double LinkMiBPerSecond { get; init; } = 119.2;

    /// <summary>The part of requests on its offers that it refuses for reasons of its own, 0 to 1.</summary>
    public double Refuses { get; init; }

    /// <summary>How long an offer stands before it makes a new one.</summary>
    public TimeSpan OfferLasts { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Offers dearer than this are not looked at, in lost seconds of a node of 1 GiB.</summary>
    public double MostPriceSeconds { get; init; } = 60;
}

/// <summary>Equal hosts.</summary>
/// <param name="Count">How many.</param>
/// <param name="Cores">CPU of one, in cores; more than 0.</param>
/// <param name="MemoryMiB">Memory of one that nodes can have, in MiB.</param>
public sealed record HostSetup(int Count, double Cores, long MemoryMiB)
{
    /// <summary>What it draws.</summary>
    public PowerCurve Power { get; init; } = PowerCurve.Named["x3550-x5675"];

    /// <summary>What its link carries, in MiB/s; more than 0. The default is 1 Gbit/s.</summary>
    public double LinkMiBPerSecond { get; init; } = 119.2;

    /// <summary>From asleep or off to ready; it draws full power meanwhile.</summary>
    public TimeSpan Boot { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>From ready to asleep; it draws idle power meanwhile.</summary>
    public TimeSpan FallAsleep { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What it draws asleep, in watts; 0 or more.</summary>
    public double SleepWatts { get; init; } = 5;
}

/// <summary>
/// Hosts that die, and changes that fail. A dead host draws nothing and comes back empty after its repair and boot.
/// </summary>
public sealed record FailureSetup
{
    /// <summary>Deaths at known times: which host (index over all sites) and when.</summary>
    public ImmutableArray<(int Host, TimeSpan At)> Known { get; init; } = [];

    /// <summary>Mean time between two deaths of one host, drawn exponentially; null: none by chance.</summary>
    public TimeSpan? MeanBetween { get; init; }

    /// <summary>From death to the beginning of its boot.</summary>
    public TimeSpan Repair { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the site needs to be sure that a host is dead, before nodes may start elsewhere.</summary>
    public TimeSpan Detect { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a node needs to boot elsewhere.</summary>
    public TimeSpan NodeBoot { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Part of new balloon sizes that guests do not take, 0 to 1; the change fails.</summary>
    public double BalloonsRefused { get; init; }

    /// <summary>Part of copies that fail at their end, 0 to 1; the node stays where it was.</summary>
    public double MovesFail { get; init; }
}

/// <summary>Sizes that are refused above: a run shall end on an ordinary machine.</summary>
public static class WorldLimits
{
    /// <summary>Hosts of all sites.</summary>
    public const int MostHosts = 2000;

    /// <summary>Nodes of all environments.</summary>
    public const int MostNodes = 20_000;

    /// <summary>Longest run.</summary>
    public static readonly TimeSpan MostLength = TimeSpan.FromDays(31);

    /// <summary>Nodes times steps of one run.</summary>
    public const long MostNodeSteps = 200_000_000;

    /// <summary>Why managers cannot wait so long between two rounds; null when they can.</summary>
    public static string? RefusePeriod(TimeSpan period) =>
        period.TotalSeconds is >= ManagerLimits.LeastPeriod and <= ManagerLimits.MostPeriod
        && period.Ticks % TimeSpan.TicksPerSecond == 0
            ? null
            : $"{period.TotalSeconds:0.###} s between two rounds are not {ManagerLimits.LeastPeriod} to "
                + $"{ManagerLimits.MostPeriod} whole seconds.";

    /// <summary>What is too large; null when nothing is.</summary>
    public static string? Refuse(WorldSetup setup)
    {
        if (setup.Hosts > MostHosts) return $"{setup.Hosts} hosts are more than {MostHosts}.";
        if (setup.Nodes > MostNodes) return $"{setup.Nodes} nodes are more than {MostNodes}.";
        if (RefusePeriod(setup.PlanEvery) is { } bad) return bad;
        if (setup.Length > MostLength) return $"{setup.Length.TotalDays:0.#} days are more than {MostLength.Days}.";
        var steps = (long)(setup.Length / setup.Step) * setup.Nodes;
        return steps > MostNodeSteps
            ? $"{setup.Nodes} nodes every {setup.Step.TotalSeconds:0}s for {setup.Length.TotalHours:0.#}h are {steps} "
                + $"steps, more than {MostNodeSteps}."
            : null;
    }
}
