using FsCheck;
using FsCheck.Fluent;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Limits between two nodes.</summary>
public sealed class PairLimitTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    // Against a plain queue, with frames of every size that wrap the block in every way.
    [Fact]
    public void A_ring_gives_what_was_put_in_in_order() =>
        Prop.ForAll(Gen.Choose(0, 70).ListOf(100).ToArbitrary(), actions =>
        {
            var ring = new FrameRing(100);
            var model = new Queue<byte[]>();
            byte next = 0;
            foreach (int action in actions)
            {
                if (action > 30 && model.TryDequeue(out byte[]? expected))
                {
                    Assert.True(ring.Peek().SequenceEqual(expected));
                    ring.Remove();
                }
                else
                {
                    byte[] frame = [.. Enumerable.Repeat(next++, action)];
                    if (ring.TryAdd(frame))
                        model.Enqueue(frame);
                    else
                        Assert.True(model.Sum(one => one.Length + 4) + action + 4 > 50, "half of it is always usable");
                }

                Assert.Equal(model.Count, ring.Count);
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(64_000, 1514, 500)]
    [InlineData(12_500_000, 1514, 500)]
    [InlineData(12_500_000, 1514, 9000)]
    [InlineData(12_500_000, 65_000, 500)]
    [InlineData(1_250_000_000, 65_000, 500)]
    public void What_wants_to_send_all_the_time_gets_the_limit(long bytesPerSecond, int frameBytes, int everyUs)
    {
        var limit = new PairLimit(bytesPerSecond);
        byte[] superFrame = new byte[Limits.VnetHeaderBytes + frameBytes];
        long sent = 0;
        const long Us = 10_000_000;
        for (long now = 0; now < Us; now += everyUs)
        {
            while (limit.TryTake(now, out ReadOnlySpan<byte> frame))
                sent += frame.Length - Limits.VnetHeaderBytes;
            while (limit.TryPass(frameBytes, now))
                sent += frameBytes;
            while (limit.TryWait(superFrame))
            {
            }
        }

        // The last frame, 2 ms ahead of the time, and the burst.
        double most = bytesPerSecond * (Us / 1e6) + frameBytes + bytesPerSecond * 0.012;
        Assert.InRange(sent, bytesPerSecond * (Us / 1e6) * 0.99, most);
    }

    [Fact]
    public void A_pair_is_held_back_in_both_directions_and_others_are_not()
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2), (b, Sample.Mac3, Sample.Ip3));
        (SwitchPort one, MemorySink toOne) = a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (SwitchPort two, MemorySink toTwo) = b.AddPort("e", Sample.Mac2, Sample.Ip2);
        (_, MemorySink toThree) = b.AddPort("e", Sample.Mac3, Sample.Ip3);
        foreach (TestHost host in (TestHost[])[a, b])
        {
            host.Core.Environments["e"].PairLimits[(Sample.Mac(Sample.Mac1).Value, Sample.Mac(Sample.Mac2).Value)] =
                new PairLimit(100_000);
            host.Core.Environments["e"].PairLimits[(Sample.Mac(Sample.Mac2).Value, Sample.Mac(Sample.Mac1).Value)] =
                new PairLimit(100_000);
        }

        _network.Pass(1000);
        for (int i = 0; i < 50; i++)
        {
            a.FromNode("e", one, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 966));
            b.FromNode("e", two, Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1, 966));
            a.FromNode("e", one, Sample.Packet(Sample.Mac3, Sample.Mac1, Sample.Ip1, Sample.Ip3, 966));
        }

        _network.Run();
        Assert.Equal((2, 2, 50), (toOne.Frames.Count, toTwo.Frames.Count, toThree.Frames.Count));
        for (int ms = 0; ms < 200; ms++)
            Pass(a, b);
        Assert.InRange(toTwo.Frames.Count, 21, 23);
        Assert.InRange(toOne.Frames.Count, 21, 23);
        for (int ms = 0; ms < 400; ms++)
            Pass(a, b);
        Assert.Equal((50, 50), (toOne.Frames.Count, toTwo.Frames.Count));
        Assert.Equal(48, one.Counters[PortCount.FramesHeldBack]);
    }

    [Fact]
    public void Wrong_limits_are_errors_and_the_others_hold()
    {
        var state = new SwitchWantedState
        {
            Version = 1,
            Environments =
            [
                new WantedEnvironment
                {
                    Id = "e",
                    Table =
                    [
                        new WantedNode { Node = "n1", Mac = Sample.Mac1, Ip = Sample.Ip1, Host = "a" },
                        new WantedNode { Node = "n2", Mac = Sample.Mac2, Ip = Sample.Ip2, Host = "b" },
                    ],
                    Limits =
                    [
                        new WantedLimit("n1", "n1", 1000), new WantedLimit("n1", "n9", 1000),
                        new WantedLimit("n1", "n2", 63), new WantedLimit("n1", "n2", 1000),
                        new WantedLimit("n2", "n1", 2000),
                    ],
                },
            ],
        };
        StatePlan plan = new StatePlanner("a", System.Net.Sockets.AddressFamily.InterNetwork).Plan(state);
        Assert.Equal(4, plan.Errors.Count);
        ulong first = Sample.Mac(Sample.Mac1).Value, second = Sample.Mac(Sample.Mac2).Value;
        Assert.Equal((125_000L, 125_000L), (plan.Environments[0].Limits[(first, second)],
            plan.Environments[0].Limits[(second, first)]));
    }

    public void Dispose() => _network.Dispose();

    private void Pass(params TestHost[] hosts)
    {
        _network.Time.Advance(1);
        foreach (TestHost host in hosts)
        {
            host.Core.UpdateClock();
            host.Core.ReleaseHeldBack();
        }

        _network.Run();
    }
}
