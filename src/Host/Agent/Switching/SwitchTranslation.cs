using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Switching;

/// <summary>The site's words for a host's switch in those of the data plane. Pure.</summary>
internal static class SwitchTranslation
{
    private const int VersionBits = 40;

    /// <summary>Generation and version in one number that rises with both.</summary>
    /// <exception cref="OverflowException">The version needs more than 40 bits, or the generation more than
    /// 22.</exception>
    public static long VersionOf(SwitchWanted wanted) => wanted.Version < 1L << VersionBits
        ? checked((wanted.Generation * (1L << VersionBits)) + wanted.Version)
        : throw new OverflowException($"switch version {wanted.Version} is too high");

    /// <summary>What this host's switchd shall do.</summary>
    /// <param name="wanted">What the site wants.</param>
    /// <param name="self">This host.</param>
    /// <param name="ownEndpoint">Its switch's address, used where the site does not know it yet.</param>
    /// <param name="nodePorts">How its nodes reach it, one of <see cref="PortXml.Kinds"/>.</param>
    public static SwitchWantedState Translate(
        SwitchWanted wanted, HostId self, string ownEndpoint, string nodePorts = PortXml.Joint) => new()
        {
            Version = VersionOf(wanted),
            Environments = [.. wanted.Environments.Select(one => Environment(one, self, ownEndpoint, nodePorts))],
            Relays = [.. wanted.Relays.Select(relay => Member(relay.Host, SwitchEndpoints.Parse(relay.Endpoint)))],
            Routes = [.. wanted.Routes.Select(route => new WantedRoute([.. route.Hosts.Select(host => host.Value)]))],
        };

    private static WantedMember Member(HostId host, SwitchEndpoints endpoints) => new()
    {
        Host = host.Value,
        Endpoint = endpoints.Udp.FirstOrDefault(""),
        Candidates = [.. endpoints.Udp.Skip(1)],
        TcpEndpoint = endpoints.Tcp,
    };

    private static int? LimitOf(SwitchEnvironment environment, NodeId node) =>
        environment.Limits.FirstOrDefault(limit => limit.First == node && limit.Second is null)?.RateKbit;

    private static WantedPort Port(SwitchEnvironment one, SwitchEntry entry, HostId self, string nodePorts)
    {
        var port = new WantedPort
        {
            Tap = entry.Node.InterfaceName('s'),
            Node = entry.Node.Value,
            Mac = entry.Mac,
            Ip = entry.Ip,
            Ip6 = entry.Ip6,
            Open = entry.Host == self,
            FromNodeKbps = LimitOf(one, entry.Node),
            ToNodeKbps = LimitOf(one, entry.Node),
        };
        if (entry.IsMachine)
            return port with { Kind = "tap", NetworkBits = SubnetPlan.Read(one.Subnet, out _)?.PrefixLength };
        return nodePorts == PortXml.Joint
            ? port with { Bridge = entry.Node.InterfaceName('b'), NodeTap = entry.Node.InterfaceName('q') }
            : port with { Kind = nodePorts, Socket = PortXml.NameOf(entry.Node) };
    }

    private static WantedEnvironment Environment(
        SwitchEnvironment one, HostId self, string ownEndpoint, string nodePorts) => new()
        {
            Id = one.Environment.Value,
            Members =
        [
            .. one.Members.Select(member =>
                (member, endpoint: member.Endpoint ?? (member.Host == self ? ownEndpoint : null)))
                .Where(pair => pair.endpoint is not null)
                .Select(pair => Member(pair.member.Host, SwitchEndpoints.Parse(pair.endpoint!)) with
                {
                    ProberMac = pair.member.ProberMac,
                    ProberIp = pair.member.ProberIp,
                }),
        ],
            Ports =
        [
            .. one.Entries.Where(entry => entry.Host == self || entry.PreboundHost == self)
                .Select(entry => Port(one, entry, self, nodePorts)),
        ],
            Table =
        [
            .. one.Entries.Select(entry => new WantedNode
            {
                Mac = entry.Mac, Ip = entry.Ip, Node = entry.Node.Value, Host = entry.Host.Value,
                PreBound = entry.PreboundHost?.Value, Sequence = (ulong)entry.Sequence,
                Name = entry.Name, Ip6 = entry.Ip6,
            }),
        ],
            Limits =
        [
            .. one.Limits.Where(limit => limit.Second is not null)
                .Select(limit => new WantedLimit(limit.First.Value, limit.Second!.Value.Value, limit.RateKbit)),
        ],
            Services = one.Services is { } services ? Services(services) : null,
            Duplicates = one.Duplicates,
        };

    private static WantedServices Services(SwitchServices services) => new()
    {
        Mac = services.Mac,
        Ip = services.Ip,
        Ip6 = services.Ip6,
        Domain = services.Domain,
        Gateway = services.Gateway,
        Gateway6 = services.Gateway6,
        Netboot = services is { BootServer: null, BootFile: null, BootUrl: null }
            ? null
            : new WantedNetboot(services.BootServer, services.BootFile, services.BootUrl),
    };
}
