using VioActors.Bench.Vhost;

namespace VioActors.EndToEnd.Switch;

/// <summary>What the benchmark of local ports measures with: frames pass, and vhost-user loses none.</summary>
public class VhostBenchTests
{
    [Fact]
    public async Task FramesPassOnVhostUserAndOnTapsAndNothingIsLeft()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root for network namespaces and TAPs");
        if (!File.Exists("/dev/net/tun"))
            Assert.Skip("needs /dev/net/tun");
        var meter = new PairMeter(TimeProvider.System);
        var length = TimeSpan.FromMilliseconds(300);
        await using (VhostSite site = await VhostSite.StartAsync(TimeProvider.System, CancellationToken.None))
        {
            foreach (int bytes in (int[])[64, 1500, 64_066])
            {
                PairRate vhost = meter.Measure(site.Machines, VhostSite.FrameOf(1, bytes), 16, length);
                PairRate tap = meter.Measure(site.Taps, VhostSite.FrameOf(3, bytes), 16, length);
                Assert.True(vhost.PerSecond > 100 && tap.PerSecond > 100, $"{bytes} bytes: {vhost} and {tap}");

                // What is on the way when the lane gets no core for a while counts as lost, a window of 16 at a time.
                Assert.InRange(vhost.Lost, 0, 64 + vhost.PerSecond * length.TotalSeconds / 20);
            }
        }

        Assert.DoesNotContain($"vhb{Environment.ProcessId}", Shell.Run("ip", "netns", "list"));
    }
}
