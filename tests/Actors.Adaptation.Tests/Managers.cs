using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Runtime;

namespace VioActors.Actors.Adaptation.Tests;

/// <summary>Managers and plans as tests need them.</summary>
internal static class Managers
{
    public static readonly ActorKey Key = new(ActorKinds.Adaptation, "s01");

    public static ActorHarness<AdaptationState> Manager(AdaptMode mode = AdaptMode.Manual)
    {
        var manager = new ActorHarness<AdaptationState>(new AdaptationActor(), Key);
        if (mode != AdaptMode.Manual) manager.Set(new SetAdaptation(mode));
        return manager;
    }

    public static Decision Set(this ActorHarness<AdaptationState> manager, SetAdaptation ask) =>
        manager.Ask(ask, "admin:root");

    public static PlannedChange Move(int node, int from, int to) => Change(node, from) with
    {
        To = Sites.Host(to),
        ToName = $"host{to}",
        CostSeconds = 2,
    };

    public static PlannedChange Weight(int node, int host, int weight) =>
        Change(node, host) with { CpuWeight = weight };

    public static PlanRecord Plan(DateTimeOffset at, params PlannedChange[] changes) => new()
    {
        Plan = 0,
        At = at,
        Policy = PolicyChoice.Default,
        Digest = new string('a', 64),
        Hosts = 2,
        Nodes = changes.Length,
        Changes = [.. changes],
    };

    /// <summary>The round that goes on ends with this plan.</summary>
    public static Decision EndRound(this ActorHarness<AdaptationState> manager, params PlannedChange[] changes) =>
        manager.EndRound(Plan(manager.Now, changes));

    public static Decision EndRound(this ActorHarness<AdaptationState> manager, PlanRecord? plan) => manager.Ask(
        new AdaptRoundDone(new RoundReport
        {
            Round = manager.State.Round?.Round ?? throw new InvalidOperationException("No round goes on."),
            At = manager.Now,
            Digest = plan?.Digest,
        }, plan));

    /// <summary>A plan that somebody asked for.</summary>
    public static void Planned(this ActorHarness<AdaptationState> manager, params PlannedChange[] changes)
    {
        Assert.Null(manager.Ask(new AskPlan(null), "operator:olga").Refusal);
        manager.EndRound(changes);
    }

    public static Decision Apply(this ActorHarness<AdaptationState> manager, long? plan = null) =>
        manager.Ask(new ApplyPlan(plan), "admin:root");

    public static Decision Ended(
        this ActorHarness<AdaptationState> manager, AdaptChange ask, Failure? failure = null) => manager.Ask(
        new AdaptChangeDone(
            ask.Plan, ask.Change.Node, failure is null ? ChangePhase.Done : ChangePhase.Refused, failure,
            failure is null && ask.Change.Resizes(), failure is null && ask.Change.Moves()));

    public static List<AdaptChange> Begun(this Decision decision) =>
        [.. decision.Effects.Select(effect => effect.Payload).OfType<AdaptChange>()];

    private static PlannedChange Change(int node, int host) => new()
    {
        Node = Sites.Node(node),
        Environment = Sites.Environment(1),
        Name = $"e1/n{node}",
        Run = 3,
        From = Sites.Host(host),
        To = Sites.Host(host),
        FromName = $"host{host}",
        ToName = $"host{host}",
        Why = "It is short of CPU.",
        Gain = 10,
    };
}
