using System.Xml.Linq;
using VioActors.Bench.Overlay;
using VioActors.Bench.Overlay.Systems;

namespace VioActors.Bench.Tests;

public sealed class OverlayTests
{
    private readonly OverlaySystem _ours = new OurSwitch("ours", 1, joint: true);
    private readonly OverlaySystem _veth = new BareVeth(2);
    private readonly OverlaySystem _slow = new N2n(3);
    private readonly OverlaySystem _fast = new Tinc(4);
    private readonly OverlaySamples _samples = new();

    private IReadOnlyList<OverlaySystem> All => [_ours, _veth, _slow, _fast];

    [Fact]
    public void Ratios_are_of_medians_and_round_0_does_not_count()
    {
        Fill("tcp1_mbps");
        Assert.Equal(200, _samples.Median(_ours, "tcp1_mbps"));
        Assert.Equal(4, _samples.Ratio(_ours, _fast, "tcp1_mbps"));
        Assert.Equal(-800, _samples.Difference(_ours, _veth, "tcp1_mbps"));
        Assert.Null(_samples.Ratio(_ours, _fast, "pps64"));
        Assert.Same(_fast, _samples.Best([_slow, _fast], "tcp1_mbps"));
        Assert.Null(_samples.Best([_slow, _fast], "pps64"));
    }

    [Fact]
    public void The_figures_have_the_comparison_and_every_system()
    {
        Fill("tcp1_mbps");
        Fill("pps64");
        var json = new OverlayFigures(_samples, All).Sum(new OverlayExtras(3, null), failure: null).ToJson();
        Assert.Equal("tinc", (string?)json["best_peer"]);
        Assert.Equal(4, (double)json["tcp1_vs_best_peer"]!);
        Assert.Equal(0.2, (double)json["tcp1_vs_veth"]!);
        Assert.Equal(3, (long)json["gen0"]!);
        Assert.Null(json["tap_pps64_vs_best_peer"]);
        Assert.Equal(10, (double)json["n2n_tcp1_mbps"]!);
        Assert.Equal(5, (double)json["pps64_ceiling_ratio"]!);
    }

    [Fact]
    public void A_wire_that_loses_nothing_when_told_to_is_a_failure()
    {
        Fill("goodput_20ms_mbps");
        Figures Of(params double[] micros) => new OverlayFigures(_samples, All)
            .Sum(new OverlayExtras(0, new WideControls(5000, 3000, new RoundTrips(micros, 51))), failure: null);
        Assert.Null(Of([.. Enumerable.Repeat(20_100.0, 50)]).Failure);
        Assert.NotNull(Of([.. Enumerable.Repeat(20_100.0, 51)]).Failure);
        Assert.NotNull(Of([.. Enumerable.Repeat(100.0, 50)]).Failure);
    }

    [Fact]
    public void The_chart_and_the_table_show_every_system()
    {
        Fill("tcp1_mbps");
        var chart = OverlayChart.Draw(_samples, All);
        Assert.All(All, system => Assert.Contains(
            chart.Descendants().Where(element => element.Name.LocalName == "text"), text => text.Value == system.Name));
        var longest = chart.Descendants().Where(element => element.Name.LocalName == "rect")
            .Max(bar => (double)bar.Attribute("x")! + (double)bar.Attribute("width")!);
        Assert.True(longest <= (double)chart.Root!.Attribute("width")!);
        var table = OverlayTable.Lines(_samples, All).ToArray();
        Assert.Equal(All.Count + 1, table.Length);
        Assert.EndsWith("200", table[1]);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 2)]
    [InlineData(1000, 3)]
    public void The_delay_line_is_as_a_queue(int places, int longestFrames)
    {
        var (line, model) = (new DelayLine(places, longestFrames * DelayLine.MostFrame), new Queue<byte[]>());
        var (random, refused, most) = (new Random(1), 0, 0);
        for (var step = 0; step < 20_000; step++)
        {
            if (random.Next(100) < 55 && step % 1000 < 900)
            {
                var free = line.Free;
                if (free.Length == 0)
                {
                    refused++;
                    continue;
                }

                var frame = new byte[random.Next(4) == 0 ? DelayLine.MostFrame : random.Next(1, 2000)];
                Array.Fill(frame, (byte)step);
                frame.CopyTo(free);
                line.Add(frame.Length, step);
                model.Enqueue(frame);
                most = Math.Max(most, model.Count);
            }
            else if (model.TryDequeue(out var oldest))
            {
                Assert.True(line.First.SequenceEqual(oldest));
                line.RemoveFirst();
            }

            Assert.Equal(model.Count, line.Count);
        }

        Assert.True(refused > 0);
        Assert.True(most > 1 || longestFrames == 1);
    }

    [Fact]
    public void Packets_that_do_not_arrive_for_long_are_not_under_way_any_more()
    {
        var time = new FakeTime();
        var flow = new PacketFlow(time, TimeSpan.FromMilliseconds(5), most: 100);
        flow.Arrived(uint.MaxValue);
        flow.Sent(64);
        Assert.False(flow.HasRoomFor(64));
        flow.Arrived(63);
        Assert.Equal(64, flow.Received);
        Assert.True(flow.HasRoomFor(100));
        flow.Sent(64);
        time.Ticks += TimeSpan.FromMilliseconds(4).Ticks;
        flow.Arrived(63);
        Assert.False(flow.HasRoomFor(64));
        time.Ticks += TimeSpan.FromMilliseconds(2).Ticks;
        flow.Arrived(63);
        Assert.True(flow.HasRoomFor(100));
    }

    private sealed class FakeTime : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ticks;
    }

    private void Fill(string figure)
    {
        for (var round = 0; round <= 3; round++)
        {
            _samples.Add(round, _ours, figure, round == 0 ? 1 : round * 100);
            _samples.Add(round, _veth, figure, 1000);
            _samples.Add(round, _slow, figure, 10);
            if (round != 1) _samples.Add(round, _fast, figure, round * 20);
        }
    }
}
