using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.Switch;

/// <summary>
/// What each message means to a switch: a reconciler. The newest wanted state is under way or applied, or the host is
/// away; a newer one cancels the older. What failed is tried again until it is applied or outdated.
/// </summary>
internal static class SwitchDecider
{
    /// <summary>Name of the one timer.</summary>
    internal const string RetryTimer = "retry";

    internal static Decision Decide(SwitchState state, object message, in TurnInfo info)
    {
        if (!Allowed(message, info))
            return Decision.Refuse(SwitchRefusals.Forbidden(message, info));
        return message switch
        {
            SetSwitchPart ask => Set(state, ask, info),
            SetSwitchReach ask => Reach(state, ask, info),
            SwitchHostConnected came => Replace(
                state, Decision.Nothing.Record(new SwitchCame(state.Host, came.Endpoint)), info),
            SwitchHostDisconnected => Go(state),
            SwitchAnswered { Failure: null } done => Done(state, done.Version),
            SwitchAnswered { Failure: { } why } failed => NotDone(state, failed.Version, why, info),
            EffectFailed failed when failed.EffectId == state.EffectId() =>
                NotDone(state, state.Version, SwitchRefusals.EffectFailed(state.Host, failed), info),
            EffectFailed => Decision.Nothing,
            SwitchRetry again => Retry(state, again, info),
            _ => throw new InvalidOperationException($"{message.GetType().Name} was let in but is not decided."),
        };
    }

    /// <summary>
    /// Networks set their parts, the site its reach, the host's actor tells of its agent; the rest is denied.
    /// </summary>
    private static bool Allowed(object message, in TurnInfo info) => (info.Sender, message) switch
    {
        ({ } from, SetSwitchPart ask) => from == new ActorKey(ActorKinds.Network, ask.Environment.Value),
        ({ Kind: ActorKinds.Site }, SetSwitchReach) => true,
        ({ } from, SwitchHostConnected or SwitchHostDisconnected) =>
            from == new ActorKey(ActorKinds.Host, info.Self.Id),
        // Results of our own effects and timers have no sender; the API has no such request.
        (null, SwitchAnswered or EffectFailed or SwitchRetry) => true,
        _ => false,
    };

    private static Decision Set(SwitchState state, SetSwitchPart ask, in TurnInfo info)
    {
        var held = state.Parts.GetValueOrDefault(ask.Environment);
        if (held is not null && held.Version >= ask.Version)
            return Repeat(state, ask.Environment, held);
        if (held is null && ask.Part is null)
            return Decision.Nothing.Tell(Network(ask.Environment),
                Report(state, ask.Environment, ask.Version, why: null));
        var set = Decision.Nothing.Record(new SwitchPartSet(ask.Environment, ask.Version, ask.Part));
        return state.Connected
            ? Replace(state, set, info)
            : set.Tell(Network(ask.Environment), Report(
                state, ask.Environment, ask.Version, SwitchRefusals.Unreachable(state.Host)));
    }

    private static Decision Reach(SwitchState state, SetSwitchReach ask, in TurnInfo info)
    {
        if (ask.Version <= state.ReachVersion
            || (ask.Relays.SequenceEqual(state.Relays) && ask.Routes.Count == 0 && state.Routes.IsEmpty))
            return Decision.Nothing;
        var set = Decision.Nothing.Record(new SwitchReachSet(ask.Version, ask.Relays, ask.Routes));
        return state.Connected ? Replace(state, set, info) : set;
    }

    /// <summary>The part is known: say so when it is applied or cannot be; else its effect will.</summary>
    private static Decision Repeat(SwitchState state, EnvironmentId environment, SwitchPart held)
    {
        if (held.WantedVersion <= state.Applied)
            return Decision.Nothing.Tell(Network(environment), Report(state, environment, held.Version, why: null));
        return state.Connected
            ? Decision.Nothing
            : Decision.Nothing.Tell(Network(environment), Report(
                state, environment, held.Version, SwitchRefusals.Unreachable(state.Host)));
    }

    /// <summary>Starts the effect of the state after the decision's events, and abandons the one before it.</summary>
    private static Decision Replace(SwitchState state, Decision decision, in TurnInfo info)
    {
        var next = decision.Events.Aggregate(state, SwitchEvolve.Apply);
        return (state.Sending ? decision with { CancelledEffects = [state.EffectId()] } : decision)
            .Start(next.EffectId(), ActorKinds.SwitchEffect, new SwitchCall(next.Host, new SwitchWanted
            {
                Generation = info.Generation,
                Version = next.Version,
                Environments = [.. next.Parts.Values.Select(part => part.Content).OfType<SwitchEnvironment>()],
                Relays = next.Relays,
                Routes = next.Routes,
            }, info.Principal))
            .Unwake(RetryTimer);
    }

    private static Decision Go(SwitchState state)
    {
        if (!state.Connected)
            return Decision.Nothing;
        var gone = Decision.Nothing.Record(new SwitchWent()).Unwake(RetryTimer);
        if (state.Sending)
            gone = gone with { CancelledEffects = [state.EffectId()] };
        return TellOfUnapplied(state, gone, SwitchRefusals.Unreachable(state.Host));
    }

    private static Decision Done(SwitchState state, long version)
    {
        if (!state.Connected || version <= state.Applied || version > state.Version)
            return Decision.Nothing;
        var done = Decision.Nothing.Record(new SwitchApplied(version));
        foreach (var (environment, part) in state.Parts)
            if (part.WantedVersion > state.Applied && part.WantedVersion <= version)
                done = done.Tell(Network(environment), Report(state, environment, part.Version, why: null));
        return done;
    }

    private static Decision NotDone(SwitchState state, long version, Failure why, in TurnInfo info)
    {
        if (!state.Sending || version != state.Version)
            return Decision.Nothing;
        var wait = NetworkLimits.FirstRetry * (1 << Math.Min(state.Failures, 10));
        var failed = Decision.Nothing.Record(new SwitchNotApplied(version, why)).Wake(
            RetryTimer, info.Now + (wait < NetworkLimits.LongestRetry ? wait : NetworkLimits.LongestRetry),
            new SwitchRetry(version));
        return TellOfUnapplied(state, failed, why);
    }

    private static Decision Retry(SwitchState state, SwitchRetry again, in TurnInfo info) =>
        state.Connected && !state.Sending && again.Version == state.Version
            ? Replace(state, Decision.Nothing.Record(new SwitchResent(again.Version)), info)
            : Decision.Nothing;

    private static Decision TellOfUnapplied(SwitchState state, Decision decision, Failure why)
    {
        foreach (var (environment, part) in state.Parts)
            if (part.WantedVersion > state.Applied)
                decision = decision.Tell(Network(environment), Report(state, environment, part.Version, why));
        return decision;
    }

    private static SwitchPartApplied Report(SwitchState state, EnvironmentId environment, long version, Failure? why) =>
        new(environment, state.Host, version, state.Endpoint, why);

    private static ActorKey Network(EnvironmentId environment) => new(ActorKinds.Network, environment.Value);
}
