using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.Switch;

/// <summary>
/// What each message means to a network. A request changes the table, sends every member its part, and waits for the
/// hosts that matter; answers of switches end the waits.
/// </summary>
internal static class NetworkDecider
{
    internal static Decision Decide(NetworkState state, object message, in TurnInfo info)
    {
        if (!Allowed(message, info))
            return Decision.Refuse(NetworkRefusals.Forbidden(message, info));
        return message switch
        {
            CreateNetwork ask => Create(state, ask),
            Plug ask => Change(state, ask.RequestId, awayIsFine: false, plan => NetworkTable.Plug(state, plan, ask)),
            Prebind ask => Change(state, ask.RequestId, awayIsFine: false, _ => NetworkTable.Prebind(state, ask)),
            Unplug ask => Change(state, ask.RequestId, awayIsFine: true, _ => NetworkTable.Unplug(state, ask)),
            Settle ask => Change(state, ask.RequestId, awayIsFine: true, _ => NetworkTable.Settle(state, ask)),
            LimitPairs ask => Limit(state, ask),
            SwitchPartApplied news => Hear(state, news),
            _ => throw new InvalidOperationException($"{message.GetType().Name} was let in but is not decided."),
        };
    }

    /// <summary>Only the environment itself asks, only a host's switch reports; the rest is denied.</summary>
    private static bool Allowed(object message, in TurnInfo info) => (info.Sender, message) switch
    {
        ({ } from, CreateNetwork ask) => IsOurs(from, info) && ask.Environment.Value == info.Self.Id,
        ({ } from, Plug or Unplug or Prebind or Settle or LimitPairs) => IsOurs(from, info),
        ({ } from, SwitchPartApplied news) =>
            from == new ActorKey(ActorKinds.Switch, news.Host.Value) && news.Environment.Value == info.Self.Id,
        _ => false,
    };

    private static bool IsOurs(ActorKey from, in TurnInfo info) =>
        from == new ActorKey(ActorKinds.Environment, info.Self.Id);

    private static Decision Create(NetworkState state, CreateNetwork ask)
    {
        if (state.Subnet is not null)
            return Decision.Nothing;
        return SubnetPlan.Read(ask.Subnet, out var problem) is null
            ? Decision.Refuse(NetworkRefusals.BadSubnet(ask.Subnet, problem))
            : Decision.Nothing.Record(new NetworkCreated(
                ask.Environment, ask.Subnet, ask.Name, ask.Options));
    }

    private static Decision Limit(NetworkState state, LimitPairs ask)
    {
        if (ask.Limits.Count > NetworkLimits.PairLimits)
            return Decision.Refuse(NetworkRefusals.TooManyLimits(ask.Limits.Count));
        if (ask.Limits.SequenceEqual(state.Limits))
            return Decision.Nothing;
        var limited = new PairsLimited(ask.Limits);
        var next = NetworkEvolve.Apply(state, limited);
        var decision = Decision.Nothing.Record(limited);
        return next.Subnet is null ? decision : SendParts(decision, next, [.. next.Members.Keys]);
    }

    private static Decision Change(
        NetworkState state, string requestId, bool awayIsFine, Func<SubnetPlan, TableChange> table)
    {
        if (state.Waits.ContainsKey(requestId))
            return Decision.Nothing; // asked twice: the one answer is still to come
        if (SubnetPlan.Read(state.Subnet, out _) is not { } plan)
            return Answer(state, requestId, NetworkRefusals.NotCreated(state.Environment));
        var change = table(plan);
        if (change.Failure is null)
            change = NetworkTable.WithMembers(state, plan, change);
        if (change.Failure is { } failure)
            return Answer(state, requestId, failure);
        if (change.Hosts.IsEmpty)
            return Answer(state, requestId, failure: null).Record([.. change.Events]);
        if (state.Waits.Count >= NetworkLimits.Waits)
            return Answer(state, requestId, NetworkRefusals.TooManyWaits());

        var next = change.Events.Aggregate(state, NetworkEvolve.Apply);
        var decision = Decision.Nothing.Record([.. change.Events])
            .Record(new NetworkWaiting(requestId, next.Version, [.. change.Hosts], awayIsFine));
        // With no change only the hosts asked about are told again: what they say is the answer.
        ImmutableSortedSet<HostId> tell = change.Events.IsEmpty
            ? change.Hosts
            : [.. state.Members.Keys, .. next.Members.Keys, .. change.Hosts];
        return SendParts(decision, next, tell);
    }

    private static Decision SendParts(Decision decision, NetworkState table, ImmutableSortedSet<HostId> hosts)
    {
        var part = new SwitchEnvironment
        {
            Environment = table.Environment,
            Subnet = table.Subnet!,
            Members = [.. table.Members.Values],
            Limits =
            [
                .. table.Limits.Where(limit =>
                    table.Entries.ContainsKey(limit.First)
                    && (limit.Second is not { } second || table.Entries.ContainsKey(second))),
            ],
            Entries =
            [
                .. table.Entries.Values.Select(entry => entry with
                {
                    Ip6 = PrivatePrefix.AddressOf(table.Environment, entry.Ip),
                }),
            ],
            Services = NetworkTable.Services(table),
            Duplicates = table.Options?.Duplicates,
        };
        foreach (var host in hosts)
            decision = decision.Tell(
                new ActorKey(ActorKinds.Switch, host.Value),
                new SetSwitchPart(table.Environment, table.Version, table.Members.ContainsKey(host) ? part : null));
        return decision;
    }

    private static Decision Hear(NetworkState state, SwitchPartApplied news)
    {
        var decision = Decision.Nothing;
        var next = state;
        void Record(object happened)
        {
            decision = decision.Record(happened);
            next = NetworkEvolve.Apply(next, happened);
        }

        var waiting = state.Waits
            .Where(wait => wait.Value.Version <= news.Version && wait.Value.Hosts.Contains(news.Host)).ToArray();
        if (news.Failure is null && waiting.Length > 0)
            Record(new MemberApplied(news.Host, news.Version));
        foreach (var (requestId, wait) in waiting)
        {
            var fine = news.Failure is null || (wait.AwayIsFine && news.Failure.Code == FailureCode.HostUnreachable);
            var left = wait.Hosts.Remove(news.Host);
            if (!fine || left.IsEmpty)
            {
                Record(new NetworkAnswered(requestId));
                decision = decision.Tell(AskerOf(state), new NetworkAnswer(requestId, fine ? null : news.Failure));
            }
            else if (news.Failure is not null)
            {
                // Away, and that is fine here: wait for the others only.
                Record(new NetworkWaiting(requestId, wait.Version, [.. left], wait.AwayIsFine));
            }
        }

        if (news.Endpoint is not { } endpoint || !state.Members.TryGetValue(news.Host, out var member)
            || member.Endpoint == endpoint)
            return decision;
        Record(new EndpointChanged(news.Host, endpoint));
        return SendParts(decision, next, [.. next.Members.Keys]);
    }

    private static Decision Answer(NetworkState state, string requestId, Failure? failure) =>
        Decision.Nothing.Tell(AskerOf(state), new NetworkAnswer(requestId, failure));

    private static ActorKey AskerOf(NetworkState state) => new(ActorKinds.Environment, state.Environment.Value);
}
