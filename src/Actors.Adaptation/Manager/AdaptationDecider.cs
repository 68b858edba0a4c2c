using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// What each message means to a manager. Rounds follow each other: the timer of the next is set when one ends, and a
/// restart in the middle repeats the effect, whose result is taken once.
/// </summary>
internal static class AdaptationDecider
{
    private const string Timer = "round";

    internal static Decision Decide(AdaptationState state, object message, in TurnInfo info)
    {
        var turn = new AdaptTurn(state, info);
        switch (message)
        {
            case AdaptTick:
                if (state.Runs && state.Round is null) Begin(turn, state.Policy, askedBy: null);
                break;
            case AdaptRoundDone done:
                End(turn, done.Report, done.Plan);
                break;
            case AdaptChangeDone done:
                Execution.End(turn, done);
                break;
            case EffectFailed { Payload: AdaptRound round } failed:
                End(turn, Broken(round, failed, info.Now), plan: null);
                break;
            case EffectFailed { Payload: AdaptChange change } failed:
                Execution.End(turn, new AdaptChangeDone(
                    change.Plan, change.Change.Node, ChangePhase.Failed,
                    new Failure(failed.Code, $"The change broke off: {failed.Reason}", "See the server's log."),
                    Resized: false, Moved: false));
                break;
            default:
                return Person(turn, message);
        }

        Execution.Dispatch(turn);
        return turn.Decision;
    }

    private static Decision Person(AdaptTurn turn, object message)
    {
        var (state, who) = (turn.State, Principal.Parse(turn.Info.Principal));
        if (turn.Info.Sender is not null) return ManagerRefusals.Unknown(message);
        if (message is AskPlan or CloseHost && !who.MayOperateHosts)
            return ManagerRefusals.Forbidden(who, "make plans or close hosts", "operator or admin");
        if (message is SetAdaptation or ApplyPlan && !who.MayAdminister)
            return ManagerRefusals.Forbidden(who, "change how the site adapts", "admin");
        return message switch
        {
            SetAdaptation ask => Set(turn, ask, who),
            AskPlan when state.Round is { } round => ManagerRefusals.RoundGoesOn(round),
            AskPlan ask => Ask(turn, ask, who),
            ApplyPlan ask => Approve(turn, ask, who),
            CloseHost ask => Close(turn, ask, who),
            _ => ManagerRefusals.Unknown(message),
        };
    }

    private static Decision Set(AdaptTurn turn, SetAdaptation ask, Principal who)
    {
        if (ask.PeriodSeconds is { } period && period is < ManagerLimits.LeastPeriod or > ManagerLimits.MostPeriod)
            return ManagerRefusals.Period(ask.PeriodSeconds.Value);
        if (ask.Policy is { } policy && PolicyOptions.Refuse(policy) is { } bad)
            return Decision.Refuse(bad.Code, bad.Reason, bad.Remedy);
        var state = turn.State;
        turn.Record(new AdaptationWasSet(
            ask.Mode ?? state.Mode, ask.PeriodSeconds ?? state.PeriodSeconds, ask.Paused ?? state.Paused,
            ask.Policy ?? state.Policy, who.ToString()));
        if (!turn.State.Runs)
        {
            turn.Decision = turn.Decision.Unwake(Timer);
            if (state.Runs) Execution.Stop(turn);
        }
        else
        {
            if (state.Mode == AdaptMode.Automatic && turn.State.Mode == AdaptMode.Partial) Execution.StopMoves(turn);
            if (turn.State.Round is null)
                turn.Decision = turn.Decision.Wake(Timer, turn.Info.Now, new AdaptTick());
        }

        return turn.Decision;
    }

    private static Decision Ask(AdaptTurn turn, AskPlan ask, Principal who)
    {
        var policy = ask.Policy ?? turn.State.Policy;
        if (PolicyOptions.Refuse(policy) is { } bad) return Decision.Refuse(bad.Code, bad.Reason, bad.Remedy);
        Begin(turn, policy, who.ToString());
        turn.Decision = turn.Decision.Answer(new RoundAccepted(turn.State.Rounds));
        return turn.Decision;
    }

    private static Decision Approve(AdaptTurn turn, ApplyPlan ask, Principal who)
    {
        if (turn.State.LastPlan is not { } plan) return ManagerRefusals.NoPlan();
        if (ask.Plan is { } named && named != plan.Plan) return ManagerRefusals.StalePlan(named, plan.Plan);
        if (turn.Info.Now - plan.At > ManagerLimits.PlanAge) return ManagerRefusals.OldPlan(plan);
        if (!plan.Verdict.IsEmpty) return ManagerRefusals.WrongPlan(plan);
        if (turn.State.History.Find(one => one.Plan == plan.Plan) is { ApprovedBy: not null } done && done.ApprovedBy
            != Principal.Adaptation.ToString())
            return ManagerRefusals.AppliedAlready(done);
        var open = Execution.Open(turn.State, plan.Changes);
        if (turn.State.Work.Count + open.Length > ManagerLimits.Work) return ManagerRefusals.TooMuchWork(open.Length);
        turn.Record(new PlanApproved(plan.Plan, who.ToString(), turn.Info.Now, open));
        turn.Decision = turn.Decision.Answer(new PlanAccepted(plan.Plan, open.Length));
        Execution.Dispatch(turn);
        return turn.Decision;
    }

    private static Decision Close(AdaptTurn turn, CloseHost ask, Principal who)
    {
        if (turn.State.Closed.ContainsKey(ask.Host) == ask.Closed) return Decision.Nothing;
        if (ask.Closed && turn.State.Closed.Count >= ManagerLimits.Closed) return ManagerRefusals.TooManyClosed();
        turn.Record(new HostClosed(ask.Host, ask.Name, ask.Closed, who.ToString()));
        turn.Decision = turn.Decision.Tell(
            new ActorKey(ActorKinds.Site, turn.Info.Self.Id), new HostDrains(ask.Host, ask.Closed));
        return turn.Decision;
    }

    private static void Begin(AdaptTurn turn, PolicyChoice policy, string? askedBy)
    {
        var began = new RoundBegan(turn.State.Rounds + 1, policy, askedBy, turn.Info.Now);
        turn.Record(began);
        turn.Decision = turn.Decision.Start(
            $"{turn.Info.Self.Id}-round-{began.Round}", ActorKinds.AdaptRoundEffect,
            new AdaptRound(began.Round, policy));
    }

    /// <summary>A result that is not of the round that goes on changes nothing: it was taken before.</summary>
    private static void End(AdaptTurn turn, RoundReport report, PlanRecord? plan)
    {
        if (turn.State.Round is not { } round || round.Round != report.Round) return;
        turn.Record(new RoundEnded(report));
        if (plan is not null && (round.AskedBy is not null || IsNews(turn.State, plan)))
        {
            turn.Record(new PlanMade(plan with
            {
                Plan = (turn.State.History.LastOrDefault()?.Plan ?? 0) + 1,
                AskedBy = round.AskedBy,
                Policy = round.Policy,
            }));
            if (round.AskedBy is null && turn.State.Runs) ApproveItself(turn);
        }

        if (turn.State.Runs)
            turn.Decision = turn.Decision.Wake(
                Timer, turn.Info.Now.AddSeconds(turn.State.PeriodSeconds), new AdaptTick());
    }

    private static void ApproveItself(AdaptTurn turn)
    {
        if (turn.State.LastPlan is not { Verdict.IsEmpty: true } plan) return;
        var mine = turn.State.Mode == AdaptMode.Automatic
            ? plan.Changes
            : [.. plan.Changes.Where(change => change.Resizes()).Select(Here)];
        var open = Execution.Open(turn.State, mine);
        if (!open.IsEmpty && turn.State.Work.Count + open.Length <= ManagerLimits.Work)
            turn.Record(new PlanApproved(plan.Plan, Principal.Adaptation.ToString(), turn.Info.Now, open));
    }

    /// <summary>The change without its move.</summary>
    private static PlannedChange Here(PlannedChange change) =>
        change with { To = change.From, ToName = change.FromName };

    /// <summary>
    /// The same moves, shown again and again because nobody applies them, are one plan; so is a round without changes.
    /// </summary>
    private static bool IsNews(AdaptationState state, PlanRecord plan)
    {
        if (plan.Changes.IsEmpty) return false;
        if (state.LastPlan is not { } last || !PlanMaker.DoSame(plan, last)) return true;
        var triedAlready = !state.Outcomes.IsEmpty || !state.Work.IsEmpty;
        return triedAlready && plan.Verdict.IsEmpty && Acts(state, plan);
    }

    private static bool Acts(AdaptationState state, PlanRecord plan) => state.Mode == AdaptMode.Automatic
        || (state.Mode == AdaptMode.Partial && plan.Changes.Any(change => change.Resizes()));

    private static RoundReport Broken(AdaptRound round, EffectFailed failed, DateTimeOffset now) => new()
    {
        Round = round.Round,
        At = now,
        Refused = new Failure(failed.Code, $"The round broke off: {failed.Reason}", "See the server's log."),
    };
}
