using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Runtime;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>Why the manager refuses: each names the thing, the limit, the next step.</summary>
public static class ManagerRefusals
{
    /// <summary>Code of the refusal of a second round.</summary>
    public const string RoundGoesOnCode = "round-goes-on";

    internal static Decision Forbidden(Principal who, string what, string needed) => Decision.Refuse(
        FailureCode.Forbidden, $"User '{who.Name}' is {who.Role.ToString().ToLowerInvariant()} and may not {what}.",
        $"Ask somebody who is {needed}.");

    internal static Decision Unknown(object message) => Decision.Refuse(
        "unknown-message", $"The manager of adaptation does not take {message.GetType().Name}.",
        "Use the commands of the API.");

    internal static Decision Period(int seconds) => Decision.Refuse(
        "out-of-range",
        $"A period of {seconds} s is not {ManagerLimits.LeastPeriod} to {ManagerLimits.MostPeriod} s.",
        "Name a number in that range.");

    internal static Decision RoundGoesOn(RoundBegan round) => Decision.Refuse(
        RoundGoesOnCode, $"Round {round.Round} goes on since {round.At:HH:mm:ss}Z, and there is one at a time.",
        "Ask again in a moment.");

    internal static Decision NoPlan() => Decision.Refuse(
        FailureCode.NotFound, "There is no plan yet.", "Make one with 'vio adapt plan'.");

    internal static Decision StalePlan(long asked, long newest) => Decision.Refuse(
        "stale-plan", $"Plan {asked} is not the newest, which is plan {newest}.",
        "See the newest with 'vio adapt status', or make a new one with 'vio adapt plan'.");

    internal static Decision OldPlan(PlanRecord plan) => Decision.Refuse(
        "stale-plan",
        $"Plan {plan.Plan} is of {plan.At:HH:mm:ss}Z, and a plan is begun within {Minutes(ManagerLimits.PlanAge)}.",
        "Make a new one with 'vio adapt plan'.");

    internal static Decision WrongPlan(PlanRecord plan) => Decision.Refuse(
        "wrong-plan", $"The checker found plan {plan.Plan} wrong: {plan.Verdict[0].Reason}",
        "Make a new one with 'vio adapt plan', perhaps by another policy.");

    internal static Decision AppliedAlready(PlanSummary plan) => Decision.Refuse(
        "applied-already", $"Plan {plan.Plan} was approved by {plan.ApprovedBy} already.",
        "See what became of it with 'vio adapt status'.");

    internal static Decision TooMuchWork(int more) => Decision.Refuse(
        "too-much-work",
        $"{more} more changes are too many: {ManagerLimits.Work} may wait or run at once.",
        "Wait until some have ended; see 'vio adapt status'.");

    internal static Decision TooManyClosed() => Decision.Refuse(
        "out-of-range", $"{ManagerLimits.Closed} hosts are closed, and no more can be.",
        "Open some with 'vio host open'.");

    internal static Failure Waited(long plan) => new(
        "stale-plan", $"Plan {plan} got older than {Minutes(ManagerLimits.PlanAge)} before this change's turn came.",
        "None is needed: the next plan sees the node again.");

    internal static Failure Stopped(long plan) => new(
        "stopped", $"Plan {plan} was stopped before this change's turn came.",
        "Make a new one with 'vio adapt plan'.");

    /// <summary>The site is not any more as the plan saw it.</summary>
    /// <param name="change">What was planned.</param>
    /// <param name="why">What is different.</param>
    public static Failure Stale(PlannedChange change, string why) => new(
        "stale-plan", $"Node {change.Name} is not as the plan saw it: {why}.",
        "None is needed: the next plan sees it as it is now.");

    private static string Minutes(TimeSpan time) => $"{time.TotalMinutes:0} minutes";
}
