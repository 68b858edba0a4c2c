using FsCheck;
using FsCheck.Fluent;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>What holds over all lanes together, and the ring between two of them.</summary>
public sealed class LaneLimitTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ALimitHoldsOverAllLanesTogether(int lanes)
    {
        const long bytesPerSecond = 1_250_000;
        (TestHost a, LanedPort one, LanedPort two) = Site(lanes, bytesPerSecond, null);
        long got = Push(a, one, two, ms: 4000);
        Assert.InRange(got, bytesPerSecond * 4 * 0.95, bytesPerSecond * 4 * 1.05);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ALimitOfAPortHoldsOverAllLanesTogether(int lanes)
    {
        const long bytesPerSecond = 1_250_000;
        (TestHost a, LanedPort one, LanedPort two) = Site(lanes, null, bytesPerSecond);
        long got = Push(a, one, two, ms: 4000);
        Assert.InRange(got, bytesPerSecond * 4 * 0.95, bytesPerSecond * 4 * 1.05);

        // The control: with a limit per lane it would be as many times as much.
        foreach (SwitchPort port in one.On)
            port.FromNode = new PairLimit(bytesPerSecond);
        Assert.True(Push(a, one, two, ms: 4000) > bytesPerSecond * 4 * (lanes - 0.1));
    }

    [Fact]
    public void StormsAreCountedOverAllLanesTogether()
    {
        (TestHost a, LanedPort one, LanedPort two) = Site(2, null, null);
        for (int i = 0; i < 2 * Limits.BroadcastsPerPortPerSecond; i++)
            a.Lanes[i % 2].FromNode(
                "e", one.On[i % 2], Sample.Packet("ff:ff:ff:ff:ff:ff", Sample.Mac1, Sample.Ip1, "255.255.255.255"));
        Assert.Equal(Limits.BroadcastsPerPortPerSecond, two.Got);
        Assert.Equal(
            Limits.BroadcastsPerPortPerSecond, one.On.Sum(port => port.Counters[PortCount.DropStorm]));
    }

    // Against the bucket with its two numbers.
    [Fact]
    public void A_storm_clock_is_a_token_bucket() =>
        Prop.ForAll(Gen.Choose(0, 30).ListOf(300).ToArbitrary(), steps =>
        {
            var clock = new StormClock(100);
            var bucket = new TokenBucket(100);
            long now = 1000;
            int ahead = 0, taken = 0;
            foreach (int step in steps)
            {
                now += step > 25 ? step : 0;
                bool does = clock.TryTake(now);
                taken += does ? 1 : 0;

                // Fractions of a token round otherwise.
                ahead += (does ? 1 : 0) - (bucket.TryTake(now) ? 1 : 0);
                Assert.InRange(ahead, -1, 1);
            }

            Assert.True(taken >= Math.Min(100, steps.Count));
        }).QuickCheckThrowOnFailure();

    // Against a plain queue, with frames of every size that wrap the block in every way.
    [Fact]
    public void A_ring_between_lanes_gives_what_was_put_in_in_order() =>
        Prop.ForAll(Gen.Choose(-40_000, 65_000).ListOf(200).ToArbitrary(), actions =>
        {
            var ring = new HandOverRing();
            var model = new Queue<byte[]>();
            byte next = 0;
            int lost = 0;
            foreach (int action in actions)
            {
                if (action < 0)
                {
                    Assert.Equal(model.Count == 0, !ring.TryPeek(out HandOver what, out ReadOnlySpan<byte> frame));
                    if (!model.TryDequeue(out byte[]? expected))
                        continue;
                    Assert.True(frame.SequenceEqual(expected));
                    Assert.Equal(expected.Length == 0 ? 0UL : expected[0], what.Origin);
                    ring.Remove();
                    continue;
                }

                byte[] added = [.. Enumerable.Repeat(++next, action)];
                if (ring.TryAdd(new HandOver(null, "e", null, action == 0 ? 0UL : next, false), added))
                    model.Enqueue(added);
                else
                    lost++;
            }

            Assert.Equal((lost, model.Count == 0), ((int)ring.Lost, ring.IsEmpty));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task TwoThreadsHandOverWithoutLossOrDisorder()
    {
        const int frames = 200_000;
        var ring = new HandOverRing();
        Task adding = Task.Run(() =>
        {
            byte[] frame = new byte[1500];
            for (int i = 0; i < frames;)
            {
                BitConverter.TryWriteBytes(frame, i);
                if (ring.TryAdd(new HandOver(null, "e", null, (ulong)i, false), frame.AsSpan(0, 4 + i % 1400)))
                    i++;
                else
                    Thread.Yield();
            }
        });
        int wrong = 0;
        for (int expected = 0; expected < frames && !adding.IsFaulted;)
        {
            if (!ring.TryPeek(out HandOver what, out ReadOnlySpan<byte> frame))
            {
                Thread.Yield();
                continue;
            }

            wrong += what.Origin == (ulong)expected && frame.Length == 4 + expected % 1400
                && BitConverter.ToInt32(frame) == expected ? 0 : 1;
            ring.Remove();
            expected++;
        }

        await adding;
        Assert.Equal(0, wrong);
    }

    private static readonly byte[] Frame =
        Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 966);

    private long Push(TestHost a, LanedPort one, LanedPort two, int ms)
    {
        long before = two.Got;
        for (int i = 0; i < ms; i++)
        {
            _network.Time.Advance(1);
            foreach ((TestHost lane, SwitchPort port) in a.Lanes.Zip(one.On))
            {
                lane.Core.UpdateClock();
                lane.Core.ReleaseHeldBack();
                for (int n = 0; n < 4; n++)
                    lane.FromNode("e", port, Frame);
            }
        }

        return (two.Got - before) * Frame.Length;
    }

    private (TestHost A, LanedPort One, LanedPort Two) Site(int lanes, long? pairLimit, long? portLimit)
    {
        TestHost a = _network.AddLanes("a", 1, lanes);
        (ulong, ulong) pair = (Sample.Mac(Sample.Mac1).Value, Sample.Mac(Sample.Mac2).Value);
        foreach (TestHost lane in a.Lanes)
        {
            lane.Apply(new EnvironmentPlan("e", [], null, [],
                [Sample.Node("a", Sample.Mac1, Sample.Ip1), Sample.Node("a", Sample.Mac2, Sample.Ip2)])
            {
                Limits = pairLimit is { } limit
                    ? new Dictionary<(ulong, ulong), long> { [pair] = limit }
                    : new Dictionary<(ulong, ulong), long>(),
            });
        }

        return (
            a,
            a.AddLanedPort("e", Sample.Mac1, Sample.Ip1, new PortPlan(
                "tap1", "br", "n1", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), true, 1500)
            {
                FromNode = portLimit,
            }),
            a.AddLanedPort("e", Sample.Mac2, Sample.Ip2));
    }
}
