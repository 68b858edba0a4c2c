using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// The executor: begins changes in the order of their plans, so many at a time per host, and records how each ended. It
/// has no choice of its own; one refusal does not stop the others.
/// </summary>
internal static class Execution
{
    /// <summary>Of these changes, those whose nodes are not worked on already.</summary>
    internal static ImmutableArray<PlannedChange> Open(
        AdaptationState state, ImmutableArray<PlannedChange> changes)
    {
        var busy = state.Work.Select(one => one.Change.Node).ToHashSet();
        return [.. changes.Where(change => !busy.Contains(change.Node))];
    }

    /// <summary>Begins what may begin now.</summary>
    internal static void Dispatch(AdaptTurn turn)
    {
        foreach (var one in turn.State.Work.Where(one => !one.Runs && IsLate(one, turn)).ToList())
            Refuse(turn, one, ManagerRefusals.Waited(one.Plan));
        var running = turn.State.Work.Where(one => one.Runs).Select(one => one.Change).ToList();
        foreach (var (index, one) in turn.State.Work.Where(one => !one.Runs).ToList().Index())
        {
            if (running.Count >= ManagerLimits.Running) return;
            if (!Fits(running, one.Change)) continue;
            running.Add(one.Change);
            turn.Record(new ChangeBegan(one.Plan, one.Change.Node));
            // A plan can be applied again where a change of it was refused: that is another effect.
            turn.Decision = turn.Decision.Start(
                $"adapt-{turn.Info.DeriveId("change", index):N}", ActorKinds.AdaptChangeEffect,
                new AdaptChange(one.Plan, one.PlannedAt, one.Change));
        }
    }

    /// <summary>A change ended; a result that was taken before changes nothing.</summary>
    internal static void End(AdaptTurn turn, AdaptChangeDone done)
    {
        if (turn.State.Work.Exists(one => one.Runs && one.Plan == done.Plan && one.Change.Node == done.Node))
            turn.Record(new ChangeEnded(done, turn.Info.Now));
    }

    /// <summary>Nothing more begins; what runs goes on to its end.</summary>
    internal static void Stop(AdaptTurn turn)
    {
        foreach (var one in turn.State.Work.Where(one => !one.Runs).ToList())
            Refuse(turn, one, ManagerRefusals.Stopped(one.Plan));
    }

    /// <summary>Of what the manager itself approved no move begins any more; what people approved does.</summary>
    internal static void StopMoves(AdaptTurn turn)
    {
        var own = turn.State.History.Where(one => one.ApprovedBy == Principal.Adaptation.ToString())
            .Select(one => one.Plan).ToHashSet();
        foreach (var one in turn.State.Work.Where(one => !one.Runs && one.Change.Moves() && own.Contains(one.Plan))
            .ToList())
            Refuse(turn, one, ManagerRefusals.Stopped(one.Plan));
    }

    private static bool IsLate(Work one, AdaptTurn turn) => turn.Info.Now - one.PlannedAt > ManagerLimits.PlanAge;

    private static void Refuse(AdaptTurn turn, Work one, Failure why) => turn.Record(new ChangeEnded(
        new AdaptChangeDone(one.Plan, one.Change.Node, ChangePhase.Refused, why, Resized: false, Moved: false),
        turn.Info.Now));

    private static bool Fits(List<PlannedChange> running, PlannedChange change)
    {
        if (change.Resizes()
            && running.Count(one => one.Resizes() && one.From == change.From) >= ManagerLimits.ResizesPerHost)
            return false;
        return !change.Moves() || new[] { change.From, change.To }.All(host => running.Count(
            one => one.Moves() && (one.From == host || one.To == host)) < ManagerLimits.MovesPerHost);
    }
}
