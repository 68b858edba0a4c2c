namespace VioActors.Switch.DataPlane;

/// <summary>
/// The TAP with which this machine itself is a node: with the node's MAC, address and network, up, and gone with its
/// descriptor. It is an interface of the machine like any other: what listens on all addresses listens there too.
/// </summary>
internal static class HybridTap
{
    /// <summary>Makes it in the namespace of the calling thread.</summary>
    /// <exception cref="SwitchIoException">The name is taken, or CAP_NET_ADMIN is missing.</exception>
    public static TapDevice Create(PortPlan plan, bool multiQueue)
    {
        TapDevice tap = TapDevice.Open(plan.Tap, multiQueue);
        try
        {
            // Before it is up, so that no frame leaves with another address.
            if (NetDevice.HasIpv6)
                NetDevice.Require($"ipv6/conf/{plan.Tap}/disable_ipv6", "1");
            NetDevice.SetMac(plan.Tap, plan.Mac);
            NetDevice.SetMtu(plan.Tap, plan.Mtu);
            NetDevice.SetUp(plan.Tap, up: true);
            NetDevice.SetAddress(plan.Tap, plan.Ip, plan.NetworkBits);
            return tap;
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }
}
