using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts;

namespace VioActors.Simulation.World;

/// <summary>Everything that is there in one moment of a run.</summary>
internal sealed class WorldState
{
    // Each use has its own dice, so that all policies see the same loads and deaths.
    private const int DicePrime = 1_000_003;

    internal WorldState(WorldSetup setup)
    {
        Setup = setup;
        foreach (var (site, one) in setup.Sites.Index())
        {
            var first = Hosts.Count;
            foreach (var group in one.Hosts)
                for (var i = 0; i < group.Count; i++)
                    Hosts.Add(new WorldHost(
                        Hosts.Count, site, HostId.From($"{one.Name}-h{Hosts.Count - first + 1}"), group));
        }

        var made = 0;
        foreach (var (index, load) in setup.Loads.Index())
        {
            Works.Add(load switch
            {
                PhasedSetup phased => new PhasedWork(phased, made),
                ServiceSetup service => new ServiceWork(service, Dice(2 + index), made),
                TraceSetup traces => new TraceWork(traces, made),
                _ => throw new InvalidOperationException($"{load.GetType().Name} is no known load."),
            });
            made += load.Nodes;
        }

        Meters = new WorldMeters(Hosts);
    }

    internal WorldSetup Setup { get; }

    internal List<WorldHost> Hosts { get; } = [];

    internal List<WorldWork> Works { get; } = [];

    internal WorldMeters Meters { get; }

    /// <summary>Who adapts; empty: nobody.</summary>
    internal List<WorldActor> Managers { get; } = [];

    /// <summary>Changes of all managers that wait or run.</summary>
    internal IEnumerable<Work> Planned => Managers.SelectMany(one => one.State.Work);

    /// <summary>Virtual time, in seconds.</summary>
    internal double Now { get; set; }

    /// <summary>Virtual time, as planners see it.</summary>
    internal DateTimeOffset Clock => ClockAt(Now);

    /// <summary>What started and has not ended.</summary>
    internal IEnumerable<WorldWork> Running => Works.Where(work => work is { StartedAt: not null, EndedAt: null });

    /// <summary>Whether an environment or a node waits for a host.</summary>
    internal bool SomethingWaits => Works.Any(work => work.StartedAt is null
        ? work.Setup.Start.TotalSeconds <= Now
        : work.EndedAt is null && work.Nodes.Any(node => node.Host is null));

    internal static DateTimeOffset ClockAt(double seconds) =>
        new DateTimeOffset(2007, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(seconds);

    internal IEnumerable<WorldHost> HostsOf(int site) => Hosts.Where(host => host.Site == site);

    internal Random Dice(int use) => new(unchecked(Setup.Seed * DicePrime + use));
}
