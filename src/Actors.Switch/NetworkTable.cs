using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.Switch;

/// <summary>What one request does to the table.</summary>
/// <param name="Failure">Why it does nothing; null when it is acceptable.</param>
/// <param name="Events">The changes; none when the table is as asked already.</param>
/// <param name="Hosts">The hosts whose switches must apply it before the request is answered.</param>
internal sealed record TableChange(
    Failure? Failure, ImmutableArray<object> Events, ImmutableSortedSet<HostId> Hosts)
{
    internal static TableChange Refused(Failure failure) => new(failure, [], []);

    internal static TableChange Of(IEnumerable<object> events, IEnumerable<HostId> hosts) =>
        new(null, [.. events], [.. hosts]);
}

/// <summary>The four changes of a table, as events.</summary>
internal static class NetworkTable
{
    internal static TableChange Plug(NetworkState state, SubnetPlan plan, Plug ask)
    {
        var entries = state.Entries;
        var events = new List<object>();
        foreach (var item in ask.Items)
        {
            var mac = item.Mac.ToLowerInvariant();
            if (!Ipv4.TryParse(item.Ip, out var ip) || !plan.IsForNodes(ip))
                return TableChange.Refused(NetworkRefusals.BadAddress(item, plan));
            foreach (var other in entries.Values)
                if (other.Node != item.Node && (other.Mac == mac || other.Ip == item.Ip))
                    return TableChange.Refused(NetworkRefusals.AddressTaken(item, other.Node));
            var held = entries.GetValueOrDefault(item.Node);
            if (held is { PreboundHost: null } && held.Host == item.Host && held.Mac == mac && held.Ip == item.Ip
                && held.Name == item.Name && held.IsMachine == item.IsMachine)
                continue;
            entries = entries.SetItem(item.Node, new(item.Node, mac, item.Ip, item.Host, null, 0, item.Name));
            events.Add(new NodePlugged(item.Node, mac, item.Ip, item.Host, item.Name, item.IsMachine));
        }
        return TableChange.Of(events, ask.Items.Select(item => item.Host));
    }

    internal static TableChange Unplug(NetworkState state, Unplug ask)
    {
        var held = ask.Nodes.Distinct().Where(state.Entries.ContainsKey).Select(node => state.Entries[node]).ToArray();
        return TableChange.Of(
            held.Select(entry => new NodeUnplugged(entry.Node)), held.SelectMany(NetworkState.PlacesOf));
    }

    internal static TableChange Prebind(NetworkState state, Prebind ask)
    {
        if (!state.Entries.TryGetValue(ask.Node, out var entry))
            return TableChange.Refused(NetworkRefusals.NotPlugged(ask.Node));
        if (entry.Host == ask.To)
            return TableChange.Refused(NetworkRefusals.AlreadyThere(ask.Node, ask.To));
        return TableChange.Of(
            entry.PreboundHost == ask.To ? [] : [new NodePrebound(ask.Node, ask.To)], [entry.Host, ask.To]);
    }

    internal static TableChange Settle(NetworkState state, Settle ask)
    {
        if (!state.Entries.TryGetValue(ask.Node, out var entry))
            return TableChange.Refused(NetworkRefusals.NotPlugged(ask.Node));
        var settled = entry.Host == ask.Host && entry.PreboundHost is null;
        return TableChange.Of(
            settled ? [] : [new NodeSettled(ask.Node, ask.Host)], [.. NetworkState.PlacesOf(entry), ask.Host]);
    }

    /// <summary>
    /// The changed table with members for exactly the hosts it wants ports on. Freed prober addresses are used again,
    /// the highest first. Refused when the subnet keeps too few of them.
    /// </summary>
    internal static TableChange WithMembers(NetworkState state, SubnetPlan plan, TableChange change)
    {
        var wanted = change.Events.Aggregate(state, NetworkEvolve.Apply).HostsOfEntries();
        var gone = state.Members.Keys.Where(host => !wanted.Contains(host)).ToArray();
        var taken = state.Members.Values.Where(member => wanted.Contains(member.Host))
            .Select(member => member.ProberIp).ToHashSet(StringComparer.Ordinal);
        var free = new Queue<int>(Enumerable.Range(0, plan.HostCount).Where(i => !taken.Contains(plan.ProberIp(i))));
        var coming = wanted.Where(host => !state.Members.ContainsKey(host)).ToArray();
        if (coming.Length > free.Count)
            return TableChange.Refused(NetworkRefusals.TooManyHosts(plan));
        var members = coming.Select(host =>
        {
            var index = free.Dequeue();
            return new MemberAdded(host, SubnetPlan.ProberMac(index), plan.ProberIp(index));
        });
        return change with
        {
            Events = [.. change.Events, .. gone.Select(host => new MemberRemoved(host)), .. members],
        };
    }

    /// <summary>
    /// What the environment's switch answers nodes itself; null while the address for it is a prober's, which an older
    /// build gave to a last host.
    /// </summary>
    internal static SwitchServices? Services(NetworkState state)
    {
        if (SubnetPlan.Read(state.Subnet, out _) is not { } plan
            || state.Members.Values.Any(member => member.ProberIp == plan.ServiceIp))
            return null;
        string? AddressOf(string? name) =>
            name is null ? null : state.Entries.Values.FirstOrDefault(entry => entry.Name == name)?.Ip;

        var gateway = AddressOf(state.Options?.Gateway);
        return new SwitchServices(
            SubnetPlan.ServiceMac, $"{plan.ServiceIp}/{plan.PrefixLength}",
            PrivatePrefix.AddressOf(state.Environment, plan.ServiceIp),
            $"{(string.IsNullOrEmpty(state.Name) ? state.Environment.Value : state.Name)}.vio")
        {
            Gateway = gateway,
            Gateway6 = gateway is null ? null : PrivatePrefix.AddressOf(state.Environment, gateway),
            BootServer = AddressOf(state.Options?.BootServer),
            BootFile = state.Options?.BootFile,
            BootUrl = state.Options?.BootUrl,
        };
    }
}
