using System.Collections.Frozen;

namespace VioActors.Switch.DataPlane;

/// <summary>Why frames or datagrams are dropped, or a host is refused: in words, and what to do about it.</summary>
/// <param name="Words">What happened.</param>
/// <param name="Remedy">The next step.</param>
public sealed record DropReason(string Words, string Remedy)
{
    private const string Guest = "Look at what the node's system sends: vio switch trace PORT --drops.";
    private const string Normal = "Nothing, while it does not go on.";
    private const string Certificate = "Look at the agent of that host: its certificate, its site, its clock.";
    private const string Attack = "See who sends to this UDP port; strangers cost little, but a firewall can help.";
    private const string Moving = "Nothing: it ends a few seconds after the move.";

    private static readonly FrozenDictionary<string, DropReason> All = new Dictionary<string, DropReason>
    {
        ["dropRunt"] = new("a frame shorter than its header, or of a protocol that never leaves a link", Guest),
        ["dropMalformed"] = new("the header contradicts itself or hides what it brings (IP, ARP, tags)", Guest),
        ["dropLinkLocalGroup"] = new("spanning tree, LLDP or pause frames, which never leave a link",
            "Nothing; or switch them off in the node (a bridge with STP, an LLDP daemon)."),
        ["dropSpoofedMac"] = new("the sender's MAC is not the one this node was given",
            "Use the MAC that 'vio env show' prints; a bridge or a macvlan inside the node makes others."),
        ["dropSpoofedArp"] = new("an ARP packet speaks for an address that is not this node's",
            "Use the address that 'vio env show' prints, and remove others from the node."),
        ["dropSpoofedIp"] = new("the sender's IP address is not the one this node was given",
            "Use the address that 'vio env show' prints; only the spec's gateway may forward others."),
        ["dropSpoofedNeighbor"] = new("a neighbour message speaks for an IPv6 address that is not this node's",
            "Use the node's own address; 'vio env show' prints its MAC and address."),
        ["dropUnsettledAddress"] = new(
            "the node has just begun to use a link-local address, and the other hosts are asked whether it is free",
            "Nothing: it takes half a second, and 3 s while a host of the environment is away."),
        ["dropTooManyAddresses"] = new(
            "the node uses more link-local addresses of its own choice than it may have",
            "It may have 4; one that it did not use for a minute gives way. See what makes more of them in the node."),
        ["dropRogueRouter"] = new("the node calls itself an IPv6 router",
            "Switch router advertisements off in the node (radvd, a DHCP client that shares its connection)."),
        ["dropRogueDhcp"] = new("the node answers DHCP, which only the switch does",
            "Switch the DHCP server off in the node."),
        ["dropQuarantined"] = new("the node is kept out: its address was found in two places",
            "See the finding in 'vio switch show'; give each node an address of its own, or stop one of the two."),
        ["dropStandingQueue"] = new("a queue that does not go down: its senders are told to slow down",
            "Nothing; more cores or fewer senders help when it goes on."),
        ["dropPortLimit"] = new("the limit of a port, and its queue is full",
            "Raise or remove the limit, or send less."),
        ["relayRefused"] = new(
            "a datagram that this host would not pass on: it is no relay for it, or its limit is used up",
            "Nothing while hosts look for a direct way; else raise the relay's limit."),
        ["dropPortClosed"] = new("the port waits for a node that has not arrived yet", Moving),
        ["dropMovedAway"] = new("the node was taken over by another host and still sends here", Moving),
        ["dropStorm"] = new("more broadcasts per second than a port may send",
            "Find the loop or the flood in the node."),
        ["dropPairLimit"] = new("a limit between two nodes, and its queue is full",
            "Raise or remove the limit in the environment's spec, or send less."),
        ["dropNotServed"] = new("a frame to the service address that asks for nothing it offers: DHCP, DNS, ping",
            "Ask the node that has the service; this address has no others."),
        ["dropUnknownUnicast"] = new("nobody in this environment has the destination's MAC",
            "See 'vio env show' for who is there; an old ARP entry in the node goes by itself."),
        ["dropNoTunnel"] = new("the destination's host cannot be reached: no session with it",
            "See 'vio switch show' for the tunnel's state and its last refusal."),
        ["dropWriteFailed"] = new("the kernel did not take the frame: the port's queue is full, or it is down",
            "The node reads too slowly or is off; see dropped packets with 'ip -s link show'."),
        ["dropNoSession"] = new("there is no session with that host yet",
            "See the tunnel's last refusal in 'vio switch show'; is UDP open between the hosts?"),
        ["dropTooLarge"] = new("a frame that needs more datagrams than one may have",
            "Lower the node's MTU, or raise the MTU between the hosts."),
        ["dropReplayed"] = new("a datagram that came before, or much too late",
            "The network doubles or delays packets."),
        ["dropForged"] = new("a datagram that does not carry the seal of its session", Attack),
        ["dropShort"] = new("a datagram too short for its session", Attack),
        ["dropBadMessage"] = new("a sealed message that this build does not understand",
            "Update the older of the two hosts."),
        ["dropWrongSource"] = new("a datagram from an address at which the host is not expected",
            "Correct 'switchListen' of that host's agent: it must be the address that others see."),
        ["dropSplitHorizon"] = new("another host sent a frame for a node that is not here", Moving),
        ["dropNotListed"] = new("a host speaks for a node that the controller does not list there",
            "Nothing during a move; else that host is broken into or its table is old: look at its agent."),
        ["claimRefused"] = new("a host claims a node that the controller does not list there",
            "Nothing during a move; else look at that host: it may be broken into."),
        ["claimStale"] = new("an older claim came late", Normal),
        ["refusedFlood"] = new("more handshakes per second than are worked on", Attack),
        ["refusedReplay"] = new("a handshake that came before", Normal),
        ["refusedClockSkew"] = new("the clocks of the two hosts differ too much", "Set both clocks (NTP)."),
        ["refusedVersion"] = new("the hosts speak no common version", "Update the older one."),
        ["refusedCipher"] = new("the hosts have no common cipher", "Update the older one, and its OpenSSL."),
        ["refusedIdentity"] = new("the host's certificate was not accepted", Certificate),
        ["refusedSignature"] = new("the handshake is not signed by that host's key", Certificate),
        ["refusedUnexpected"] = new("an answer to a handshake that nobody waits for", Normal),
        ["refusedNoIdentity"] = new("this switch has no certificate yet", "Is this host's agent running?"),
        ["dropGarbage"] = new("not a datagram of a switch", Attack),
        ["dropUnknownSession"] = new("a session that is not known here: the other side or this one was restarted",
            "Nothing; a new session is made within seconds."),
        ["dropUnknownEnvironment"] = new("a host calls for an environment that is not on this host",
            "Nothing while environments come and go."),
        ["dropUnknownHost"] = new("a stranger calls, or a host that is not in the environment",
            "Nothing while environments come and go."),
        ["dropWrongLane"] = new("a datagram for a lane that does not exist here", "Update the older host."),
        ["dropSendFailed"] = new("the kernel did not take datagrams: no route, a filter, or full buffers",
            "Look at the host's routes, its firewall, and 'nstat UdpSndbufErrors'."),
    }.ToFrozenDictionary();

    /// <summary>Names of all counters that have a reason.</summary>
    public static IEnumerable<string> Counters => All.Keys;

    /// <summary>Whether a counter counts what was dropped or refused.</summary>
    public static bool IsLoss(string counter) =>
        counter.StartsWith("drop", StringComparison.Ordinal) || counter.StartsWith("refused", StringComparison.Ordinal)
        || counter is "claimRefused" or "claimStale" or "relayRefused";

    /// <summary>The reason behind a counter; for one of a newer build its name alone.</summary>
    public static DropReason Of(string counter) =>
        All.GetValueOrDefault(counter) ?? new DropReason(counter, "Update this 'vio'; it does not know the reason.");
}
