using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>The state after an event: total, and free of decisions.</summary>
internal static class AdaptationEvolve
{
    internal static AdaptationState Apply(AdaptationState state, object @event) => @event switch
    {
        AdaptationWasSet e => state with
        {
            Mode = e.Mode,
            PeriodSeconds = e.PeriodSeconds,
            Paused = e.Paused,
            Policy = e.Policy,
        },
        HostClosed e => state with
        {
            Closed = e.Closed ? state.Closed.SetItem(e.Host, e.Name) : state.Closed.Remove(e.Host),
        },
        RoundBegan e => state with { Rounds = e.Round, Round = e },
        RoundEnded e => state with
        {
            Round = null,
            LastRound = e.Report with { Forgotten = [] },
            Nodes = state.Nodes.RemoveRange(e.Report.Forgotten),
        },
        PlanMade e => state with
        {
            LastPlan = e.Plan,
            Outcomes = state.Outcomes.Clear(),
            History = Bounded(state.History.Add(Summary(e.Plan))),
        },
        PlanApproved e => Approve(state, e),
        ChangeBegan e => state with
        {
            Work = [.. state.Work.Select(one =>
                one.Plan == e.Plan && one.Change.Node == e.Node ? one with { Runs = true } : one)],
        },
        ChangeEnded e => End(state, e),
        _ => throw new InvalidOperationException($"A manager has no event {@event.GetType().Name}."),
    };

    private static ImmutableList<PlanSummary> Bounded(ImmutableList<PlanSummary> history) =>
        history.RemoveRange(0, Math.Max(0, history.Count - ManagerLimits.History));

    private static PlanSummary Summary(PlanRecord plan) => new(
        plan.Plan, plan.At, plan.Policy.Name, plan.AskedBy, plan.Digest,
        plan.Changes.Count(change => change.Moves()), plan.Changes.Count(change => change.Resizes()),
        plan.Changes.Sum(change => change.Gain), plan.Changes.Sum(change => change.CostSeconds),
        plan.Verdict.IsEmpty ? null : plan.Verdict[0].Reason);

    private static AdaptationState Approve(AdaptationState state, PlanApproved e)
    {
        var at = state.LastPlan is { } plan && plan.Plan == e.Plan ? plan.At : e.At;
        return Summarise(state, e.Plan, summary => summary with { ApprovedBy = e.By }) with
        {
            Work = state.Work.AddRange(e.Changes.Select(change => new Work(e.Plan, at, change, Runs: false))),
        };
    }

    private static AdaptationState End(AdaptationState state, ChangeEnded e)
    {
        var (done, change) = (e.Result, state.Work.Find(one => one.Change.Node == e.Result.Node)?.Change);
        var next = Summarise(state, done.Plan, summary => done.Phase switch
        {
            ChangePhase.Done => summary with { Done = summary.Done + 1 },
            ChangePhase.Refused => summary with { Refused = summary.Refused + 1, LastFailure = done.Failure?.Reason },
            _ => summary with { Failed = summary.Failed + 1, LastFailure = done.Failure?.Reason },
        });
        return next with
        {
            Work = state.Work.RemoveAll(one => one.Plan == done.Plan && one.Change.Node == done.Node),
            Outcomes = state.LastPlan?.Plan == done.Plan ? state.Outcomes.SetItem(done.Node, done) : state.Outcomes,
            Nodes = change is null ? state.Nodes : Remember(state.Nodes, change, e),
        };
    }

    private static AdaptationState Summarise(AdaptationState state, long plan, Func<PlanSummary, PlanSummary> change)
    {
        var at = state.History.FindIndex(one => one.Plan == plan);
        return at < 0 ? state : state with { History = state.History.SetItem(at, change(state.History[at])) };
    }

    private static ImmutableSortedDictionary<NodeId, NodeMemory> Remember(
        ImmutableSortedDictionary<NodeId, NodeMemory> nodes, PlannedChange change, ChangeEnded e)
    {
        var (done, known) = (e.Result, nodes.GetValueOrDefault(change.Node) ?? new NodeMemory(e.At));
        // What nobody began says nothing about the node; a refusal of the environment does.
        var tried = done.Phase == ChangePhase.Failed
            || (done.Phase == ChangePhase.Refused && done.Failure?.Code is not ("stale-plan" or "stopped"));
        var next = known with
        {
            At = e.At,
            LastMoved = done.Moved ? e.At : known.LastMoved,
            HeldUntil = tried ? e.At + ManagerLimits.HoldAfterFailure : null,
            CpuWeight = done.Resized ? change.CpuWeight ?? known.CpuWeight : known.CpuWeight,
            CpuQuotaPercent = done.Resized ? change.CpuQuotaPercent ?? known.CpuQuotaPercent : known.CpuQuotaPercent,
            GuestMiB = done.Resized ? change.GuestMiB ?? known.GuestMiB : known.GuestMiB,
        };
        if (nodes.Count >= ManagerLimits.Nodes && !nodes.ContainsKey(change.Node))
            nodes = nodes.Remove(nodes.MinBy(one => one.Value.At).Key);
        return nodes.SetItem(change.Node, next);
    }
}
