using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>
/// Takes the hosts' addresses from the veth to a relay that delays, with losses by nftables on both ingresses; the
/// systems notice nothing but a slower network. Disposing it gives the addresses back.
/// </summary>
internal sealed class WideArea : IAsyncDisposable
{
    private readonly Underlay _under;
    private readonly DelayRelay _relay;

    private WideArea(Underlay under, DelayRelay relay) => (_under, _relay) = (under, relay);

    /// <summary>Puts the relay between the hosts.</summary>
    public static async Task<WideArea> BuildAsync(Underlay under, CancellationToken cancel)
    {
        var made = new WideArea(under, await DelayRelay.StartAsync(under));
        try
        {
            foreach (var host in made.Hosts)
                await under.IpAsync($"-n {host} link set {DelayRelay.Link} mtu 1500 txqueuelen 10000 up", cancel);
            await made.MoveAddressesAsync(Underlay.Link, DelayRelay.Link, cancel);
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Sets round trip and loss for what follows. Where frames are lost, single ones pass, so that single ones are
    /// lost.
    /// </summary>
    public async Task SetAsync(TimeSpan roundTrip, int lostPerMille, CancellationToken cancel)
    {
        _relay.RoundTrip = roundTrip;
        _relay.Whole = lostPerMille == 0;
        var rule = lostPerMille == 0 ? "" : $"numgen random mod 1000 < {lostPerMille} drop";
        foreach (var host in Hosts)
        {
            await _under.Runner.RunAsync(new ProcessCommand("ip", "netns", "exec", host, "nft", "-f", "-")
            {
                Input = $$"""
                    add table netdev vioov
                    add chain netdev vioov loss { type filter hook ingress device "{{DelayRelay.Link}}" priority 0; }
                    flush chain netdev vioov loss
                    {{(rule.Length == 0 ? "" : "add rule netdev vioov loss " + rule)}}

                    """,
            }, cancel);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await MoveAddressesAsync(DelayRelay.Link, Underlay.Link, CancellationToken.None);
        }
        catch (ProcessFailedException)
        {
            // The namespaces are on their way out, too.
        }

        await _relay.DisposeAsync();
    }

    /// <summary>Whether super-frames pass.</summary>
    public bool Whole
    {
        set => _relay.Whole = value;
    }

    private string[] Hosts => [_under.A, _under.B];

    private async Task MoveAddressesAsync(string from, string to, CancellationToken cancel)
    {
        foreach (var host in Hosts)
        {
            var address = $"{_under.AddressOf(host)}/24";
            await _under.Runner.TryAsync(
                new ProcessCommand("ip", "-n", host, "address", "del", address, "dev", from), cancel);
            await _under.IpAsync($"-n {host} address replace {address} dev {to}", cancel);
        }
    }
}
