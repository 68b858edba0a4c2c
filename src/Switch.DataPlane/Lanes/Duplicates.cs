namespace VioActors.Switch.DataPlane;

/// <summary>
/// Finds addresses that are in two places, names the node and the hosts, and, where the environment wants it, lets
/// nothing pass from or to the node for <see cref="Limits.DuplicateHoldMs"/> or until the controller's row for it
/// changes. The table forbids duplicates; what is found here is a machine that runs twice, a host that claims without
/// end, or a node with another's address.
/// </summary>
internal sealed class Duplicates(SwitchCore core)
{
    /// <summary>
    /// A claim moved a node. One move per row of the table is what a move looks like; a new row forgets the older.
    /// </summary>
    public void Moved(SwitchEnvironment environment, MacEntry entry, string from)
    {
        if (from.Length > 0 && from != entry.Location && entry.Trail.Add(core.NowMs, spacingMs: 0))
            Found(environment, entry, DuplicateKind.Moves, entry.Mac.ToString(), null, (from, entry.Location));
    }

    /// <summary>A frame came from a port whose node is elsewhere now.</summary>
    public void SpokeHere(SwitchEnvironment environment, SwitchPort port)
    {
        if (environment.Find(port.Mac) is { } entry && entry.Trail.Add(core.NowMs, Limits.DuplicateSpacingMs))
        {
            (string, string) hosts = (core.Settings.HostId, entry.Location);
            Found(environment, entry, DuplicateKind.TwoPlaces, entry.Mac.ToString(), null, hosts);
        }
    }

    /// <summary>A frame was dropped because an address in it is not its port's: perhaps another node has it.</summary>
    public void Forged(SwitchEnvironment environment, SwitchPort port, PortCount reason, in FrameView frame)
    {
        string address;
        MacEntry? owner;
        if (reason == PortCount.DropSpoofedMac)
        {
            owner = environment.Find(frame.Source);
            address = owner?.Mac.ToString() ?? "";
        }
        else if (frame.EtherType == FrameView.TypeIpv6)
        {
            Ipv6 claimed = reason == PortCount.DropSpoofedNeighbor ? NeighborMessage.TargetOf(frame) : frame.Ipv6Source;
            owner = environment.Find(claimed);
            address = owner is null ? "" : claimed.ToString();
        }
        else
        {
            Ipv4 claimed = frame.EtherType == FrameView.TypeArp ? frame.ArpSenderIp : frame.Ipv4Source;
            owner = environment.Find(claimed);
            address = owner?.Ip.ToString() ?? "";
        }

        if (owner is null || owner.Mac == port.Mac || environment.Find(port.Mac) is not { } entry
            || !entry.Forgeries.Add(core.NowMs, Limits.DuplicateSpacingMs))
        {
            return;
        }

        (string, string) hosts = (core.Settings.HostId, owner.Location);
        Found(environment, entry, DuplicateKind.OthersAddress, address, owner.Node, hosts);
    }

    /// <summary>Another lane of this host found a duplicate.</summary>
    public void Told(string environmentId, MacAddress mac, DuplicateFinding finding)
    {
        if (core.Environments.TryGetValue(environmentId, out SwitchEnvironment? environment)
            && environment.Find(mac) is { } entry)
        {
            Note(environment, entry, finding);
        }
    }

    /// <summary>Forgets what is over.</summary>
    public void Tick(SwitchEnvironment environment)
    {
        for (int i = environment.Duplicates.Count - 1; i >= 0; i--)
        {
            MacEntry entry = environment.Duplicates[i];
            if (entry.Finding is { } finding && core.NowMs < finding.EndsMs && environment.Find(entry.Mac) == entry)
                continue;
            entry.Finding = null;
            environment.Duplicates.RemoveAt(i);
        }
    }

    private void Found(
        SwitchEnvironment environment, MacEntry entry, DuplicateKind kind, string address, string? other,
        (string First, string Second) hosts)
    {
        var finding = new DuplicateFinding(
            kind, address, other, hosts.First, hosts.Second, environment.QuarantinesDuplicates,
            core.NowMs + Limits.DuplicateHoldMs);
        Note(environment, entry, finding);
        core.Counters.Add(TunnelCount.DuplicatesFound);
        (string id, MacAddress mac) = (environment.Id, entry.Mac);
        core.TellOthers(one => one.Duplicates.Told(id, mac, finding));
    }

    private static void Note(SwitchEnvironment environment, MacEntry entry, DuplicateFinding finding)
    {
        if (!environment.Duplicates.Contains(entry))
            environment.Duplicates.Add(entry);
        entry.Finding = finding;
    }
}
