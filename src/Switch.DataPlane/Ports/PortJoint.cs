using System.Diagnostics;
using System.Text.Json;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Makes and removes the joint of one node: a private bridge with two members, our TAP and the one that the hypervisor
/// plugs in. Everything is idempotent: a bridge that a killed predecessor left, with the machine still plugged in, is
/// taken over. All calls need the daemon's network namespace and CAP_NET_ADMIN, and may take milliseconds.
/// </summary>
internal sealed class PortJoint(string hostId, TimeProvider time)
{
    private const int ProgramTimeoutMs = 5000;

    // Marks our bridges, so that those which nobody wants any more are found after a restart.
    private string Alias => "vio-switchd:" + hostId;

    /// <summary>Creates or takes over a joint; the TAP it returns is up and belongs to the caller.</summary>
    /// <param name="bridge">Checked interface name.</param>
    /// <param name="tapName">Checked interface name.</param>
    /// <param name="mtu">Of the node's link, in bytes.</param>
    /// <param name="warnings">Takes what is not as strict as it should be.</param>
    /// <exception cref="SwitchIoException">What failed, with the interface's name.</exception>
    public TapDevice Create(string bridge, string tapName, int mtu, List<string> warnings)
    {
        bool isNew = NetDevice.AddBridge(bridge);
        TapDevice? tap = null;
        try
        {
            Silence(bridge);
            string[] calm = ["stp_state", "0", "ageing_time", "0", "mcast_snooping", "0", "group_fwd_mask", "0",
                "nf_call_iptables", "0", "nf_call_ip6tables", "0", "nf_call_arptables", "0"];
            Run("ip", ["link", "set", "dev", bridge, "alias", Alias, "type", "bridge", .. calm], null);
            SealOff(bridge, warnings);
            tap = TapDevice.Open(tapName);
            Silence(tapName);
            NetDevice.SetMtu(tapName, mtu);
            NetDevice.AddMember(bridge, tapName);
            NetDevice.SetUp(tapName, up: true);
            NetDevice.SetUp(bridge, up: true);
            return tap;
        }
        catch
        {
            tap?.Dispose();
            if (isNew)
                NetDevice.DeleteBridge(bridge);
            throw;
        }
    }

    /// <summary>Removes a joint; the TAP goes with its descriptor. What is gone already is fine.</summary>
    public void Remove(string bridge, TapDevice tap)
    {
        tap.Dispose();
        RemoveBridge(bridge);
    }

    /// <summary>
    /// Removes the bridges of this host's switchd that are not wanted: left by a predecessor that was killed.
    /// </summary>
    public IReadOnlyList<string> RemoveOrphans(IReadOnlySet<string> wantedBridges)
    {
        var removed = new List<string>();
        using JsonDocument links = JsonDocument.Parse(
            Run("ip", ["-json", "link", "show", "type", "bridge"], null) is { Length: > 0 } text
            ? text
            : "[]");
        foreach (JsonElement link in links.RootElement.EnumerateArray())
        {
            if (link.TryGetProperty("ifalias", out JsonElement alias) && alias.GetString() == Alias
                && link.GetProperty("ifname").GetString() is { } name && InterfaceName.IsValid(name)
                    && !wantedBridges.Contains(name))
            {
                RemoveBridge(name);
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

    private void RemoveBridge(string bridge)
    {
        NetDevice.DeleteBridge(bridge);
        try
        {
            Run("nft", ["-f", "-"],
                $"add table netdev vioswitch\nadd chain netdev vioswitch {bridge}\n"
                + $"delete chain netdev vioswitch {bridge}\n");
        }
        catch (SwitchIoException)
        {
            // Without nftables, or with a kernel that removed the chain with its device, nothing is left to remove.
        }
    }

    // No IPv6, no ARP answers, nothing accepted whose sender is not reachable through it (which is nobody).
    private static void Silence(string name)
    {
        NetDevice.Sysctl($"ipv6/conf/{name}/disable_ipv6", "1");
        NetDevice.Sysctl($"ipv4/conf/{name}/arp_ignore", "8");
        NetDevice.Sysctl($"ipv4/conf/{name}/rp_filter", "1");
        NetDevice.Sysctl($"ipv4/conf/{name}/forwarding", "0");
    }

    // A bridge hands frames for its own MAC and broadcasts to the host's IP stack, which accepts packets for any
    // address of the host on any interface. An ingress chain on the bridge device drops what is handed up, and only
    // that.
    private void SealOff(string bridge, List<string> warnings)
    {
        try
        {
            Run("nft", ["-f", "-"],
                $"add table netdev vioswitch\nadd chain netdev vioswitch {bridge} "
                + $"{{ type filter hook ingress device \"{bridge}\" priority 0; policy drop; }}\n");
        }
        catch (SwitchIoException e)
        {
            warnings.Add($"bridge {bridge}: nodes may send packets to addresses of this host, "
                + $"because nftables refused to seal it ({e.Message}); install nftables and apply again");
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
