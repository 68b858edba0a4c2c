namespace VioActors.Bench.Overlay.Systems;

/// <summary>The veth itself.</summary>
internal sealed class BareVeth(int number) : OverlaySystem("veth", SystemKind.Ceiling, number)
{
    /// <inheritdoc/>
    public override Task StartAsync(Underlay under, CancellationToken cancel)
    {
        Near = new PathEnd(under.A, Underlay.Link, under.AddressOf(under.A));
        Far = new PathEnd(under.B, Underlay.Link, under.AddressOf(under.B));
        return Task.CompletedTask;
    }
}

/// <summary>VXLAN of the kernel.</summary>
internal sealed class KernelVxlan(int number) : OverlaySystem("vxlan", SystemKind.Ceiling, number)
{
    private const int Mtu = 1450;

    /// <inheritdoc/>
    public override async Task StartAsync(Underlay under, CancellationToken cancel)
    {
        foreach (var host in (string[])[under.A, under.B])
        {
            var device = Device(host == under.A);
            await under.IpAsync(
                $"-n {host} link add {device} mtu {Mtu} type vxlan id 42 local {under.AddressOf(host)} "
                + $"remote {under.AddressOf(under.Other(host))} dstport 4789", cancel);
            await under.IpAsync($"-n {host} address add {Inner(host == under.A)}/24 dev {device}", cancel);
            await under.IpAsync($"-n {host} link set {device} up", cancel);
        }

        EndsAreHosts(under);
    }
}
