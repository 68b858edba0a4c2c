using VioActors.Bench.Overlay;
using VioActors.Bench.Overlay.Systems;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// What the comparison of overlays measures with, over the bare link: there its figures can be told beforehand.
/// </summary>
public class OverlayBenchTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task TheBareLinkIsMeasuredAndNothingIsLeft()
    {
        SkipUnlessPossible();
        var under = await Underlay.BuildAsync(TimeProvider.System, None);
        await using (under)
        {
            var veth = new BareVeth(1);
            await veth.StartAsync(under, None);
            var trips = await new RttProbe(under.Time).RunAsync(veth, TimeSpan.FromMilliseconds(500), None);
            Assert.InRange(trips.Micros.Count, 10, 500);
            Assert.True(
                await new PacketRate(under).RunAsync(veth, 64, TimeSpan.FromMilliseconds(200), None) > 1000);
            Assert.True((await new Iperf(under).RunAsync(veth, streams: 2, seconds: 1, None)).Mbps > 10);
        }

        Assert.False(File.Exists(Underlay.PathOf(under.A)));
        Assert.False(File.Exists(Underlay.PathOf(under.B)));
    }

    [Fact]
    public async Task TheRelayDelaysAndLosesAndGivesTheLinkBack()
    {
        SkipUnlessPossible();
        await using var under = await Underlay.BuildAsync(TimeProvider.System, None);
        var veth = new BareVeth(1);
        await veth.StartAsync(under, None);
        var (probe, length) = (new RttProbe(under.Time), TimeSpan.FromMilliseconds(500));
        await using (var area = await WideArea.BuildAsync(under, None))
        {
            await area.SetAsync(TimeSpan.FromMilliseconds(20), lostPerMille: 0, None);
            var slow = await probe.RunAsync(veth, length, None);
            Assert.True(slow.P50 >= 20_000, $"{slow.P50} us");
            await area.SetAsync(TimeSpan.FromMilliseconds(2), lostPerMille: 500, None);
            Assert.InRange((await probe.RunAsync(veth, length, None)).LostShare, 0.5, 0.95);
        }

        var back = await probe.RunAsync(veth, length, None);
        Assert.True(back.P50 < 20_000, $"{back.P50} us");
    }

    private static void SkipUnlessPossible()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("needs root for network namespaces and TAPs");
        if (!File.Exists("/dev/net/tun")) Assert.Skip("needs /dev/net/tun");
        foreach (string tool in (string[])["ip", "nft", "iperf3"])
        {
            if (!"/usr/sbin:/usr/bin:/sbin:/bin".Split(':').Any(d => File.Exists(Path.Combine(d, tool))))
                Assert.Skip($"needs the program {tool}");
        }
    }
}
