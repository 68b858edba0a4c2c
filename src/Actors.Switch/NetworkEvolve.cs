using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.Switch;

/// <summary>The state after an event: total, and free of decisions.</summary>
internal static class NetworkEvolve
{
    internal static NetworkState Apply(NetworkState state, object @event) => @event switch
    {
        NetworkCreated e => state with { Subnet = e.Subnet, Name = e.Name, Options = e.Options },
        NodePlugged e => Changed(state, next => Place(
            next, new SwitchEntry(e.Node, e.Mac, e.Ip, e.Host, null, 0, e.Name, IsMachine: e.IsMachine))),
        NodeUnplugged e => Changed(state, next => next with { Entries = next.Entries.Remove(e.Node) }),
        NodePrebound e => Changed(state, next => next.Entries.TryGetValue(e.Node, out var entry)
            ? Place(next, entry with { PreboundHost = e.To })
            : next),
        NodeSettled e => Changed(state, next => next.Entries.TryGetValue(e.Node, out var entry)
            ? Place(next, entry with { Host = e.Host, PreboundHost = null })
            : next),
        MemberAdded e => Changed(state, next => next with
        {
            Members = next.Members.SetItem(e.Host, new SwitchMember(e.Host, Endpoint: null, e.ProberMac, e.ProberIp)),
        }),
        MemberRemoved e => Changed(state, next => next with { Members = next.Members.Remove(e.Host) }),
        EndpointChanged e => Changed(state, next => next.Members.TryGetValue(e.Host, out var member)
            ? next with { Members = next.Members.SetItem(e.Host, member with { Endpoint = e.Endpoint }) }
            : next),
        PairsLimited e => Changed(state, next => next with { Limits = [.. e.Limits] }),
        NetworkWaiting e => state with
        {
            Waits = state.Waits.SetItem(e.RequestId, new NetworkWait(e.Version, [.. e.Hosts], e.AwayIsFine)),
        },
        MemberApplied e => Applied(state, e.Host, e.Version),
        NetworkAnswered e => state with { Waits = state.Waits.Remove(e.RequestId) },
        _ => throw new InvalidOperationException($"A network has no event {@event.GetType().Name}."),
    };

    private static NetworkState Changed(NetworkState state, Func<NetworkState, NetworkState> change) =>
        change(state with { Version = state.Version + 1 });

    /// <summary>
    /// The version is the sequence: it rises with every change, also when a node comes back after it left.
    /// </summary>
    private static NetworkState Place(NetworkState state, SwitchEntry entry) =>
        state with { Entries = state.Entries.SetItem(entry.Node, entry with { Sequence = state.Version }) };

    private static NetworkState Applied(NetworkState state, HostId host, long version)
    {
        var waits = state.Waits;
        foreach (var (id, wait) in state.Waits)
            if (wait.Version <= version && wait.Hosts.Contains(host))
                waits = waits.SetItem(id, wait with { Hosts = wait.Hosts.Remove(host) });
        return state with { Waits = waits };
    }
}
