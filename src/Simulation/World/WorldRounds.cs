using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Simulation.World;

/// <summary>
/// The managers of a fleet, and the rounds they start: look, plan, check. With offers each site has its own manager,
/// which sees of the others what they offer; else one has all sites.
/// </summary>
internal sealed class WorldRounds
{
    private readonly WorldState _world;
    private readonly WorldOffers _offers;
    private readonly WorldChanges _changes;
    private readonly IPlanner _planner;
    private bool _began;

    internal WorldRounds(WorldState world, WorldOffers offers, WorldChanges changes, IPlanner planner)
    {
        (_world, _offers, _changes, _planner) = (world, offers, changes, planner);
        var sites = Enumerable.Range(0, world.Setup.Sites.Length);
        ImmutableArray<int>[] plannedTogether =
            world.Setup.Offers ? [.. sites.Select(site => ImmutableArray.Create(site))] : [[.. sites]];
        foreach (var some in plannedTogether)
            world.Managers.Add(new WorldActor(world, some)
            {
                Effects = Run,
            });
    }

    internal int Sleeps { get; private set; }

    /// <summary>Why the run cannot go on; null: it can.</summary>
    internal Failure? Failure { get; private set; }

    /// <summary>Tells managers what happened and what time it is.</summary>
    internal void Step()
    {
        _changes.End();
        if (!_began && _world.Now >= _world.Setup.PlanEvery.TotalSeconds)
        {
            _began = true;
            foreach (var manager in _world.Managers) manager.Set(_world.Setup.Mode, _world.Setup.PlanEvery);
        }

        foreach (var manager in _world.Managers)
        {
            manager.Tick();
            // Moves that take no time have ended already.
            _changes.End();
        }
    }

    private object? Run(WorldActor manager, object payload) => payload switch
    {
        AdaptRound round => Round(manager, round),
        AdaptChange change => _changes.Begin(manager, change),
        _ => throw new InvalidOperationException($"A world does not do {payload.GetType().Name}."),
    };

    // The planner is the run's: options of a policy that no file can write are tried, too.
    private AdaptRoundDone Round(WorldActor manager, AdaptRound round)
    {
        if (_world.Setup.Offers) _offers.Renew();
        var snapshot = new WorldSnapshots(_world, _offers, _changes).Take(manager, round);
        var report = new RoundReport
        {
            Round = round.Round,
            At = _world.Clock,
            Hosts = snapshot.Hosts.Count,
            Nodes = snapshot.Nodes.Count,
            Forgotten = [.. manager.State.Nodes.Keys.Where(node => !manager.Sees(_changes.Find(node)))],
        };
        if (snapshot.Hosts.IsEmpty) return new AdaptRoundDone(report, Plan: null);
        var answer = PlanMaker.Plan(snapshot, _planner);
        if (answer.Plan is not { } plan)
        {
            Failure ??= answer.Refused;
            return new AdaptRoundDone(report with { Refused = answer.Refused }, Plan: null);
        }

        var record = PlanMaker.Record(snapshot, digest: "", plan, _planner.Limits);
        if (record.Verdict is [var wrong, ..]) Failure ??= wrong;
        else if (manager.State.Mode == AdaptMode.Automatic)
            foreach (var one in plan.Hosts) Power(one);
        return new AdaptRoundDone(report, record);
    }

    // Managers carry out what plans say of nodes; that hosts sleep is done here. Places that others offer are not this
    // site's to send to sleep; nor is a host that was woken for who waits, or that somebody is on his way to.
    private void Power(HostDecision decision)
    {
        if (_changes.Find(decision.Host) is not { } host) return;
        if (!decision.Sleep && host.Phase is HostPhase.Asleep or HostPhase.FallsAsleep) host.Boot(_world.Now);
        if (!decision.Sleep || !host.IsEmpty || host.Phase is not (HostPhase.On or HostPhase.Boots)
            || _world.SomethingWaits || _world.Planned.Any(work => work.Change.To == host.Id)) return;
        host.Sleep(_world.Now);
        Sleeps++;
    }
}
