using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;

namespace VioActors.Simulation.Fleet;

/// <summary>
/// Runs a scenario in virtual time, second by second, under a planner that ships, or under none. Every plan passes the
/// plan checker before it is carried out. The same scenario and planner give the same outcome.
/// </summary>
public sealed class FleetSimulator
{
    private static readonly DateTimeOffset Zero = new(2007, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly FleetScenario _scenario;
    private readonly IPlanner? _planner;
    private readonly ImmutableArray<SiteInventory> _sites;
    private readonly List<int> _siteOf = [];
    private readonly List<FleetRun> _runs = [];
    private readonly List<FleetMove> _moves = [];
    private readonly SortedDictionary<string, double> _ends = [];
    private int _made;

    private FleetSimulator(FleetScenario scenario, IPlanner? planner)
    {
        (_scenario, _planner) = (scenario, planner);
        foreach (var (site, hosts) in scenario.HostsPerSite.Index())
            for (var host = 0; host < hosts; host++) _siteOf.Add(site);
        _sites = [.. scenario.HostsPerSite.Index().Select(site => new SiteInventory(
            SiteId.From($"d{site.Index + 1}"),
            [.. HostsOf(site.Index).Select(host => new HostInventory(IdOf(host), 1, scenario.HostMemoryMiB))]))];
    }

    /// <summary>Runs the scenario to its end.</summary>
    /// <param name="scenario">What is there and what runs.</param>
    /// <param name="planner">Who adapts; null: nobody.</param>
    /// <exception cref="InvalidOperationException">A plan is wrong, or the run does not end.</exception>
    public static FleetOutcome Run(FleetScenario scenario, IPlanner? planner) =>
        new FleetSimulator(scenario, planner).Run();

    private FleetOutcome Run()
    {
        var waiting = _scenario.Applications.OrderBy(one => one.Start).ToList();
        for (var second = 0; waiting.Count > 0 || _runs.Count > 0; second++)
        {
            if (second > _scenario.Longest.TotalSeconds)
                throw new InvalidOperationException($"The scenario did not end in {_scenario.Longest}.");
            foreach (var next in waiting.Where(one => one.Start.TotalSeconds <= second).ToList())
            {
                Start(next);
                waiting.Remove(next);
            }

            if (_planner is not null && second > 0 && second % (int)_scenario.PlanEvery.TotalSeconds == 0)
                Adapt(_planner, second);
            Step(second);
        }

        var applications = _scenario.Applications;
        return new FleetOutcome(
            applications.ToImmutableSortedDictionary(
                one => one.Name, one => _ends[one.Name] - one.Start.TotalSeconds),
            _ends.Values.Max() - applications.Min(one => one.Start.TotalSeconds), [.. _moves],
            _ends.ToImmutableSortedDictionary());
    }

    private void Step(int second)
    {
        foreach (var run in _runs) run.SetDemand();
        foreach (var host in _runs.SelectMany(run => run.Nodes).GroupBy(node => node.Host))
            FleetHosts.Share([.. host]);
        var at = Zero.AddSeconds(second + 1);
        foreach (var run in _runs.ToList())
        {
            foreach (var node in run.Nodes)
                node.Samples = Good(node.Samples.Add(
                    node.Id, new Sample(at, node.Gets, node.Given, _scenario.NodeMemoryMiB)
                    {
                        CpuWaitedCores = Math.Max(0, node.Demand - node.Gets),
                        WaitMeasured = true,
                    }, at));
            var spare = run.Work(1);
            if (!run.Ended) continue;
            _ends[run.Application.Name] = second + 1 - spare;
            _runs.Remove(run);
        }
    }

    private static SampleHistory Good((SampleHistory Next, Failure? Refused) added) =>
        added.Refused is null ? added.Next : throw new InvalidOperationException(added.Refused.ToString());

    // New nodes are spread over the site, the least used host first; a host is worth one core to each.
    private void Start(PhasedApplication application)
    {
        var booked = new double[_siteOf.Count];
        foreach (var node in _runs.SelectMany(run => run.Nodes)) booked[node.Host]++;
        var site = application.Site ?? Enumerable.Range(0, _sites.Length).MinBy(one =>
            (HostsOf(one).Sum(host => booked[host]) + application.Nodes) / _scenario.HostsPerSite[one]);
        var nodes = new List<FleetNode>();
        for (var i = 0; i < application.Nodes; i++)
        {
            var host = HostsOf(site).MinBy(one => booked[one]);
            booked[host]++;
            nodes.Add(new FleetNode
            {
                Id = NodeId.Of(new Guid(++_made, 0, 0, new byte[8])),
                Host = host,
                Samples = SampleHistory.Empty,
            });
        }

        _runs.Add(new FleetRun(application, EnvironmentId.From("s." + application.Name.ToLowerInvariant()), nodes));
    }

    private void Adapt(IPlanner planner, int second)
    {
        var inventory = new Inventory(second, Zero.AddSeconds(second), _sites,
        [
            .. _runs.Select(run => new EnvironmentInventory(run.Id,
            [
                .. run.Nodes.Select(node => new NodeInventory(
                    node.Id, IdOf(node.Host), node.Given, _scenario.NodeMemoryMiB, node.Samples)
                {
                    LastMoved = node.LastMoved,
                }),
            ])),
        ]);
        var answer = planner.Plan(inventory);
        if (answer.Plan is not { } plan) throw new InvalidOperationException(answer.Refused?.ToString());
        if (PlanChecker.Check(plan, inventory) is [var wrong, ..])
            throw new InvalidOperationException($"Second {second}: {wrong}");
        Apply(plan, second);
    }

    private void Apply(Plan plan, int second)
    {
        var decisions = plan.Nodes.ToDictionary(one => one.Node);
        var index = Enumerable.Range(0, _siteOf.Count).ToDictionary(IdOf);
        foreach (var run in _runs)
        {
            var moved = run.Nodes.Where(node => decisions[node.Id].To != IdOf(node.Host)).ToList();
            var from = _siteOf[run.Nodes[0].Host];
            foreach (var node in run.Nodes)
            {
                if (moved.Contains(node)) node.LastMoved = Zero.AddSeconds(second);
                node.Host = index[decisions[node.Id].To];
                node.Weight = decisions[node.Id].CpuCores;
            }

            if (moved.Count == 0) continue;
            run.StalledSeconds = _scenario.MoveStall.TotalSeconds;
            _moves.Add(new FleetMove(
                second, run.Application.Name, from, _siteOf[run.Nodes[0].Host], moved.Count,
                run.Nodes.Select(node => node.Host).Distinct().Count()));
        }
    }

    private IEnumerable<int> HostsOf(int site) =>
        Enumerable.Range(0, _siteOf.Count).Where(host => _siteOf[host] == site);

    private static HostId IdOf(int host) => HostId.From($"h{host + 1}");
}
