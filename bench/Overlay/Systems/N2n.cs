namespace VioActors.Bench.Overlay.Systems;

/// <summary>n2n: two edges that find each other at a supernode on the first host, then talk directly.</summary>
internal sealed class N2n(int number) : OverlaySystem("n2n", SystemKind.Peer, number)
{
    private const int Mtu = 1400;

    /// <inheritdoc/>
    public override string Program => "edge";

    /// <inheritdoc/>
    public override IReadOnlyList<string> VersionCommand => ["edge", "-h"];

    /// <inheritdoc/>
    public override async Task StartAsync(Underlay under, CancellationToken cancel)
    {
        var supernode = $"{under.AddressOf(under.A)}:{7650 + Number}";
        // It carries registrations only, so its time is not counted.
        under.Start(under.A, "supernode", "supernode", "-l", $"{7650 + Number}");
        foreach (var host in (string[])[under.A, under.B])
        {
            var near = host == under.A;
            var daemon = under.Start(
                host, $"{Name}-{(near ? 'a' : 'b')}", "edge", "-d", Device(near), "-a", Inner(near),
                "-s", "255.255.255.0", "-c", "bench", "-k", "no secret", "-l", supernode, "-p", $"{7600 + Number}",
                "-M", $"{Mtu}", "-m", $"02:00:00:0{Number % 10}:00:0{(near ? 1 : 2)}");
            Daemons.Add(daemon);
            await ConfigureAsync(under, host, daemon, Mtu, cancel);
        }

        EndsAreHosts(under);
    }
}
