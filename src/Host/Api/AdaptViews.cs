using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Api;

/// <summary>The manager's state as the API shows it.</summary>
internal static class AdaptViews
{
    /// <summary>The whole.</summary>
    public static AdaptView Of(AdaptationState state) => new()
    {
        Mode = state.Mode,
        PeriodSeconds = state.PeriodSeconds,
        Paused = state.Paused,
        Policy = state.Policy,
        Closed = [.. state.Closed.Values],
        Round = state.Round?.Round,
        LastRound = state.LastRound,
        Plan = state.LastPlan is null ? null : Plan(state),
    };

    /// <summary>The newest plan, which must exist.</summary>
    public static AdaptPlanView Plan(AdaptationState state)
    {
        var plan = state.LastPlan ?? throw new InvalidOperationException("There is no plan.");
        var approved = state.History.Find(one => one.Plan == plan.Plan)?.ApprovedBy;
        return new AdaptPlanView(plan, approved, [.. plan.Changes.Select(change => Change(state, change))]);
    }

    /// <summary>What became of a change of the newest plan.</summary>
    public static ChangeView Change(AdaptationState state, PlannedChange change)
    {
        if (state.Work.Find(one => one.Plan == state.LastPlan?.Plan && one.Change.Node == change.Node) is { } work)
            return new ChangeView(change.Name, work.Runs ? ChangePhase.Running : ChangePhase.Waiting, null);
        return state.Outcomes.GetValueOrDefault(change.Node) is { } done
            ? new ChangeView(change.Name, done.Phase, done.Failure)
            : new ChangeView(change.Name, ChangePhase.Shown, null);
    }

    /// <summary>A plan in one line.</summary>
    public static PlanLine Line(PlanSummary plan, bool replayable) => new(
        plan.Plan, plan.At, plan.Policy, plan.AskedBy, plan.ApprovedBy, plan.Moves, plan.Resizes, plan.Gain,
        plan.CostSeconds, plan.Done, plan.Refused, plan.Failed, plan.Wrong ?? plan.LastFailure, plan.Digest,
        replayable);
}
