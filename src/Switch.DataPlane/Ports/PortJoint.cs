using System.Diagnostics;
using System.Text.Json;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Makes and removes the joint of one node: a private bridge with two members, our TAP and the one that the hypervisor
/// opens. All three are made here, so that each is silent before its link is up. Everything is idempotent: a joint
/// that a killed predecessor left, with the machine still plugged in, is taken over. All calls need the daemon's
/// network namespace and CAP_NET_ADMIN, and may take milliseconds.
/// </summary>
internal sealed class PortJoint(string hostId, TimeProvider time)
{
    private const int ProgramTimeoutMs = 5000;

    // Marks our links, so that those which nobody wants any more are found after a restart.
    private string Alias => "vio-switchd:" + hostId;

    /// <summary>
    /// Creates or takes over a joint; the TAP it returns is up and belongs to the caller. Fails closed: what hides the
    /// host from the node is in place when this returns, or the joint is down.
    /// </summary>
    /// <exception cref="SwitchIoException">What failed, with the interface's name.</exception>
    public TapDevice Create(PortPlan plan, bool multiQueue = false)
    {
        bool isNew = NetDevice.AddBridge(plan.Bridge);
        TapDevice? tap = null;
        try
        {
            Silence(plan.Bridge);
            string[] calm = ["stp_state", "0", "ageing_time", "0", "mcast_snooping", "0", "group_fwd_mask", "0",
                "nf_call_iptables", "0", "nf_call_ip6tables", "0", "nf_call_arptables", "0"];
            Run("ip", ["link", "set", "dev", plan.Bridge, "alias", Alias, "type", "bridge", .. calm], null);
            SealOff(plan.Bridge, "drop", "");
            if (plan.NodeTap is { } nodeTap)
                AddNodeTap(plan, nodeTap);
            tap = TapDevice.Open(plan.Tap, multiQueue);
            Join(plan, plan.Tap);
            NetDevice.SetUp(plan.Bridge, up: true);
            return tap;
        }
        catch
        {
            tap?.Dispose();
            TakeDown(plan, isNew);
            throw;
        }
    }

    /// <summary>Removes a joint; our TAP went with its descriptor. What is gone already is fine.</summary>
    public void Remove(PortPlan plan)
    {
        RemoveLink(plan.Bridge);
        if (plan.NodeTap is { } nodeTap)
            RemoveLink(nodeTap);
    }

    /// <summary>
    /// Removes the links of this host's switchd that are not wanted: left by a predecessor that was killed.
    /// </summary>
    public IReadOnlyList<string> RemoveOrphans(IReadOnlySet<string> wanted)
    {
        var removed = new List<string>();
        using JsonDocument links = JsonDocument.Parse(
            Run("ip", ["-json", "link", "show"], null) is { Length: > 0 } text ? text : "[]");
        foreach (JsonElement link in links.RootElement.EnumerateArray())
        {
            if (link.TryGetProperty("ifalias", out JsonElement alias) && alias.GetString() == Alias
                && link.GetProperty("ifname").GetString() is { } name && InterfaceName.IsValid(name)
                    && !wanted.Contains(name))
            {
                RemoveLink(name);
                removed.Add(name);
            }
        }

        return removed;
    }

    /// <summary>Frames of nodes must not run through the host's IP filters: off for this whole namespace.</summary>
    public static void DisableBridgeFilter()
    {
        foreach (string family in (string[])["iptables", "ip6tables", "arptables"])
            NetDevice.Sysctl("bridge/bridge-nf-call-" + family, "0");
    }

    // The hypervisor's end: it is ours and stays when nobody has it open, so no other program brings it up first.
    private void AddNodeTap(PortPlan plan, string name)
    {
        if (!NetDevice.Exists(name))
            TapDevice.CreatePersistent(name);
        Run("ip", ["link", "set", "dev", name, "alias", Alias], null);

        // A bridge hands link-local groups to the host as if they had come over the member itself.
        SealOff(
            name, "accept",
            $"add rule netdev vioswitch {name} ether daddr & ff:ff:ff:ff:ff:f0 == 01:80:c2:00:00:00 drop\n");
        Join(plan, name);
    }

    private static void Join(PortPlan plan, string tap)
    {
        Silence(tap);
        NetDevice.SetMtu(tap, plan.Mtu);
        NetDevice.AddMember(plan.Bridge, tap);
        NetDevice.SetUp(tap, up: true);
    }

    // A joint that was there stays, because a machine may be plugged in; but nothing passes it.
    private void TakeDown(PortPlan plan, bool isNew)
    {
        string[] links = plan.NodeTap is { } nodeTap ? [plan.Bridge, nodeTap] : [plan.Bridge];
        foreach (string link in links.Where(NetDevice.Exists))
        {
            if (isNew)
                RemoveLink(link);
            else
                NetDevice.SetUp(link, up: false);
        }
    }

    private void RemoveLink(string name)
    {
        try
        {
            if (NetDevice.Exists(name))
                Run("ip", ["link", "delete", "dev", name], null);
        }
        catch (SwitchIoException) when (!NetDevice.Exists(name))
        {
            // Somebody else was faster.
        }

        try
        {
            Run("nft", ["-f", "-"],
                $"add table netdev vioswitch\nadd chain netdev vioswitch {name}\n"
                + $"flush chain netdev vioswitch {name}\ndelete chain netdev vioswitch {name}\n");
        }
        catch (SwitchIoException)
        {
            // Without nftables, or with a kernel that removed the chain with its device, nothing is left to remove.
        }
    }

    // No IPv6 (so no link-local address), no ARP answers, nothing accepted whose sender is not reachable through it
    // (which is nobody).
    private static void Silence(string name)
    {
        if (NetDevice.HasIpv6)
            NetDevice.Require($"ipv6/conf/{name}/disable_ipv6", "1");
        NetDevice.Require($"ipv4/conf/{name}/arp_ignore", "8");
        NetDevice.Require($"ipv4/conf/{name}/rp_filter", "1");
        NetDevice.Require($"ipv4/conf/{name}/forwarding", "0");
    }

    // A bridge hands frames for its own MAC and broadcasts to the host's IP stack, which accepts packets for any
    // address of the host on any interface. An ingress chain drops what would be handed up, and only that.
    private void SealOff(string device, string policy, string rules)
    {
        try
        {
            Run("nft", ["-f", "-"],
                $"add table netdev vioswitch\nadd chain netdev vioswitch {device} "
                + $"{{ type filter hook ingress device \"{device}\" priority 0; policy {policy}; }}\n"
                + $"flush chain netdev vioswitch {device}\n{rules}");
        }
        catch (SwitchIoException e)
        {
            throw new SwitchIoException(
                $"the host cannot be hidden from the node, so its port stays down: nftables refused to seal {device} "
                + $"({e.Message})", 0);
        }
    }

    private string Run(string program, string[] arguments, string? input)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start)!;
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(ProgramTimeoutMs), time);
            using CancellationTokenRegistration kill = limit.Token.Register(process.Kill);
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? output
                : throw new SwitchIoException(
                    $"{program} {string.Join(' ', arguments)}: {error.GetAwaiter().GetResult().Trim()}", 0);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new SwitchIoException($"{program} cannot be started: {e.Message}; install it", 0);
        }
    }
}
