using VioActors.Actors.VirtualCluster.Move;
using VioActors.Actors.VirtualCluster.Saga;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// The path of every message to an environment: commands of users are checked in <see cref="UserCommands"/>, answers
/// of actors find their operation by the first part of their request id, notices of hosts mend what they can.
/// </summary>
internal static class EnvironmentDecider
{
    public static Decision Decide(EnvironmentState state, object message, in TurnInfo info)
    {
        var turn = new Turn(state, info);
        return message switch
        {
            ApplyEnvironment apply => FromActor(turn, ActorKinds.Site, message, () => ApplyDecider.Apply(turn, apply)),
            PlacementAnswer answer => FromActor(turn, ActorKinds.Site, message, () => Answers.Placed(turn, answer)),
            BookAnswer answer => FromActor(turn, ActorKinds.Host, message, () => Answers.Booked(turn, answer)),
            BookNodesAnswer answer => FromActor(turn, ActorKinds.Host, message, () => Answers.Booked(turn, answer)),
            UnbookAnswer answer => FromActor(
                turn, ActorKinds.Host, message, () => Answers.Take(turn, answer.RequestId, null)),
            CommandAnswer answer => FromActor(turn, ActorKinds.Host, message, () => Answers.Commanded(turn, answer)),
            NetworkAnswer answer => FromActor(
                turn, ActorKinds.Network, message, () => Answers.Take(turn, answer.RequestId, answer.Failure)),
            HostFencedNotice notice => FromActor(
                turn, ActorKinds.Host, message, () => HostNotices.Fenced(turn, notice)),
            HostReturnedNotice notice => FromActor(
                turn, ActorKinds.Host, message, () => HostNotices.Returned(turn, notice)),
            NodesEndedNotice notice => FromActor(turn, ActorKinds.Host, message, () => Looks.Ended(turn, notice)),
            ClearStray clear => Strays.Clear(turn, clear),
            LookAtNode look => Do(turn, () => Looks.Look(turn, look)),
            LookAtReturned returned => Do(turn, () => HostNotices.Place(turn, returned)),
            Refused refused => Do(turn, () => Answers.Refused(turn, refused)),
            MachineLeaseOver over => Do(turn, () => MachineLeases.Over(turn, over)),
            LookAgain again => Do(turn, () => LookAgain(turn, again)),
            _ => UserCommands.Decide(turn, message),
        };
    }

    private static void LookAgain(Turn turn, LookAgain again)
    {
        if (turn.State.Operation(again.Operation) is not { Ended: false } op) return;
        if (op.Move is null) SagaEngine.Retry(turn, op);
        else MoveReconciler.Look(turn, op);
    }

    /// <summary>Messages of actors carry their sender; nobody outside can send them.</summary>
    private static Decision FromActor(Turn turn, string kind, object message, Action act) =>
        turn.Info.Sender?.Kind == kind ? Do(turn, act) : EnvironmentRefusals.Internal(message.GetType().Name);

    private static Decision Do(Turn turn, Action act)
    {
        act();
        HostNotices.LoseWhatIsOff(turn);
        return turn.Decision;
    }
}
