using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Makes a lane's tunnels as a plan says. A lane sends what is for a host to that host's lane of the same number,
/// modulo the number of lanes there; where the host has more lanes, the others of them talk to this one too. How many
/// it has, the controller may say; what the host itself says in a handshake counts more. What a path
/// has learned stays as long as the plan says the same of it.
/// </summary>
internal static class PeerConfiguration
{
    public static void Configure(SwitchCore core, SwitchEnvironment environment, EnvironmentPlan wanted)
    {
        environment.Wanted = wanted;
        foreach (PeerTunnel gone in environment.Peers.Where(p => wanted.Peers.All(w => w.Host != p.HostId)).ToArray())
        {
            environment.LanesOf.Remove(gone.HostId);
            core.Lanes.Forget(environment.Id, gone.HostId);
            core.RemovePeer(gone);
        }

        foreach (PeerPlan plan in wanted.Peers)
        {
            int lanes = environment.LanesOf.GetValueOrDefault(plan.Host, plan.Lanes);
            int main = core.Settings.Lane % lanes;
            foreach (PeerTunnel other in environment.Peers.Where(p => p.HostId == plan.Host))
                (other.IsMain, other.IsPassive) = (false, true);
            for (int lane = 0; lane < lanes; lane++)
            {
                if (lane == main || lane % core.Lanes.Count == core.Settings.Lane)
                    Configure(core, environment, plan, (byte)lane, isMain: lane == main);
            }
        }

        environment.IndexPeers();
        ConfigureRoutes(core, environment, wanted);
    }

    /// <summary>A host said in a handshake how many lanes it has; the other lanes of this one are told.</summary>
    public static void Learned(SwitchCore core, SwitchEnvironment environment, string host, int lanes)
    {
        if (Learn(core, environment, host, lanes))
        {
            string id = environment.Id;
            core.TellOthers(other => Told(other, id, host, lanes));
        }
    }

    private static void Told(SwitchCore core, string environmentId, string host, int lanes)
    {
        if (core.Environments.TryGetValue(environmentId, out SwitchEnvironment? environment))
            Learn(core, environment, host, lanes);
    }

    private static bool Learn(SwitchCore core, SwitchEnvironment environment, string host, int lanes)
    {
        if (environment.Wanted is not { } wanted
            || wanted.Peers.FirstOrDefault(p => p.Host == host) is not { } plan
            || environment.LanesOf.GetValueOrDefault(host, plan.Lanes) == lanes)
        {
            return false;
        }

        environment.LanesOf[host] = lanes;
        Configure(core, environment, wanted);
        environment.BindAll();
        return true;
    }

    private static void Configure(
        SwitchCore core, SwitchEnvironment environment, PeerPlan plan, byte lane, bool isMain)
    {
        IPEndPoint first = PeerPlan.OfLane(plan.EndPoint, lane);
        IReadOnlyList<IPEndPoint> endPoints =
            [.. plan.EndPoints.Select(one => PeerPlan.OfLane(one, lane)).Where(one => one.Port != 0)];
        if (environment.PeerOf(plan.Host, lane) is { } known)
        {
            (known.IsMain, known.IsPassive, known.StreamEndPoint) = (isMain, false, plan.StreamEndPoint);
            if (known.Configured.SequenceEqual(endPoints))
                return;
            (known.Configured, known.Address) = (endPoints, SocketAddress.From(first));
            if (known.NextHop is null)
                known.Change(new PathState(known.Sizes, known.Address));
            return;
        }

        environment.Peers.Add(new PeerTunnel(environment, plan.Host, SocketAddress.From(first))
        {
            Lane = lane,
            IsMain = isMain,
            Relayed = core.Lanes.RelayedFor(environment.Id, plan.Host),
            Sizes = core.Settings.Sizes,
            Configured = endPoints,
            StreamEndPoint = plan.StreamEndPoint,
            NextAttemptMs = Handshakes.FirstAttemptMs(core.Settings.HostId, plan.Host, core.NowMs),
        });
    }

    private static void ConfigureRoutes(SwitchCore core, SwitchEnvironment environment, EnvironmentPlan wanted)
    {
        SwitchEnvironment? relays = core.Environments.GetValueOrDefault(SwitchEnvironment.Relays);
        foreach (PeerPlan plan in wanted.Peers)
        {
            PeerTunnel? next = plan.NextHop is { } host ? environment.PeerOf(host) ?? relays?.PeerOf(host) : null;
            foreach (PeerTunnel peer in environment.Peers.Where(p => p.HostId == plan.Host))
            {
                if (ReferenceEquals(next, peer.NextHop))
                    continue;
                peer.NextHop = next;
                peer.Change(new PathState(peer.Sizes, peer.Address, next));
            }
        }
    }
}
