using VioActors.Actors.Host.Agent;
using VioActors.Actors.Host.Monitoring;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.TestKit;

namespace VioActors.Actors.Host.Tests;

/// <summary>Readings become samples: rates, folding, bounds, and what a slow or failing hypervisor does.</summary>
public sealed class MonitorTests
{
    private static readonly NodeId Node = Hosts.Node(1);
    private readonly ManualTime _time = new();
    private readonly ScriptedMeter _meter = new();

    [Fact]
    public async Task Two_readings_make_a_sample()
    {
        var monitor = Monitor(1);
        await LookAsync(monitor, Counters(used: 1, waited: 1, throttled: 0, swapped: 100, received: 1000));
        Assert.Empty(monitor.Since(null).Nodes.Single().Newest);
        _time.Advance(TimeSpan.FromSeconds(2));
        await LookAsync(monitor, Counters(used: 2, waited: 4, throttled: 1, swapped: 300, received: 5000) with
        {
            QuotaPercent = 50,
            Weight = 200,
        });
        var sample = Assert.Single(monitor.Since(null).Nodes.Single().Newest);
        Assert.Equal(
            new NodeSample(_time.GetUtcNow(), 2, 0.5, 0.5, 1.5, 0.5, 50, 200, 128, 64, 100, 2000, 0), sample);
        var host = Assert.Single(monitor.Since(null).Host);
        Assert.Equal((_time.GetUtcNow(), 2.0, 2.0), (host.At, host.Seconds, host.Cores));
    }

    [Fact]
    public async Task Looks_within_an_interval_are_folded_to_means_and_peaks()
    {
        var monitor = Monitor(3);
        foreach (var used in (double[])[0, 1, 1, 1.5])
        {
            await LookAsync(monitor, Counters(used: used) with { MemoryUsedMiB = 60 - used });
            _time.Advance(HostMonitor.Look);
        }
        var sample = Assert.Single(monitor.Since(null).Nodes.Single().Newest);
        Assert.Equal((3.0, 0.5, 1.0, 59.0),
            (sample.Seconds, sample.CpuUsedCores, sample.CpuPeakCores, sample.MemoryUsedMiB));
    }

    [Fact]
    public async Task A_machine_that_started_anew_begins_anew_and_one_without_statistics_has_no_used_memory()
    {
        var monitor = Monitor(1);
        foreach (var used in (double[])[100, 101, 0.5, 1])
        {
            await LookAsync(monitor, Counters(used: used) with { MemoryUsedMiB = null, SwappedBytes = null });
            _time.Advance(HostMonitor.Look);
        }
        var samples = monitor.Since(null).Nodes.Single().Newest;
        Assert.Equal([1, 0.5], samples.Select(one => one.CpuUsedCores));
        Assert.All(samples, one => Assert.Null(one.MemoryUsedMiB));
        Assert.All(samples, one => Assert.Null(one.SwapBytesPerSecond));
    }

    [Fact]
    public async Task A_node_that_left_is_forgotten()
    {
        var monitor = Monitor(1);
        await LookAsync(monitor, Counters(1));
        _meter.Nodes = [];
        await monitor.LookAsync(CancellationToken.None);
        Assert.Empty(monitor.Since(null).Nodes);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_forgets_the_future_and_goes_on()
    {
        var clock = new JumpingTime(_time);
        var monitor = new HostMonitor(_meter, clock, HostMonitor.Look);
        for (var used = 0; used < 4; used++)
        {
            await LookAsync(monitor, Counters(used));
            _time.Advance(HostMonitor.Look);
        }
        clock.Ahead = TimeSpan.FromHours(-1);
        await LookAsync(monitor, Counters(4));
        var sample = Assert.Single(monitor.Since(null).Nodes.Single().Newest);
        Assert.Equal((clock.GetUtcNow(), 1.0), (sample.At, sample.Seconds));
    }

    /// <summary>Whatever counters say, samples are finite, not negative, not more than there is, and bounded.</summary>
    [Fact]
    public async Task No_counters_make_a_sample_that_cannot_be()
    {
        var (random, clock) = (new Random(7), new JumpingTime(_time));
        var monitor = new HostMonitor(_meter, clock, TimeSpan.FromSeconds(random.Next(1, 4)));
        var seen = 0;
        for (var step = 0; step < 2000; step++)
        {
            clock.Ahead += TimeSpan.FromSeconds(random.Next(50) == 0 ? random.Next(-100, 100) : 0);
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(100) == 0 ? 700_000 : random.Next(1, 3000)));
            await LookAsync(monitor, Wild(random));
            var samples = monitor.Since(random.Next(2) == 0 ? null : clock.GetUtcNow().AddSeconds(-30));
            Assert.InRange(samples.Host.Length, 0, HostSamples.Most);
            foreach (var one in samples.Host)
                NotNegative(one.Seconds, one.CpuUsedCores, one.CpuStolenCores, one.RunQueue,
                    one.ReceivedBytesPerSecond, one.SentBytesPerSecond);
            var node = samples.Nodes.Single().Newest;
            Assert.InRange(node.Length, 0, HostSamples.Most);
            Assert.Equal(node.Select(one => one.At).Distinct().Order(), node.Select(one => one.At));
            foreach (var one in node)
            {
                NotNegative(one.Seconds, one.CpuUsedCores, one.CpuPeakCores, one.CpuWaitedCores, one.CpuThrottledCores,
                    one.MemoryUsedMiB ?? 0, one.SwapBytesPerSecond ?? 0, one.ReceivedBytesPerSecond,
                    one.SentBytesPerSecond);
                Assert.True(one.CpuPeakCores <= 2 && one.CpuWaitedCores <= 2, $"{one}");
                Assert.True(one.CpuThrottledCores <= one.CpuWaitedCores && one.MemoryUsedMiB is not > 128, $"{one}");
                seen++;
            }
        }
        Assert.True(seen > 1000, $"{seen}");
    }

    [Fact]
    public async Task An_answer_of_many_nodes_fits_into_a_frame()
    {
        var monitor = Monitor(1);
        for (var look = 0; look <= HostSamples.Most + 5; look++)
        {
            _meter.Nodes = [.. Enumerable.Range(1, 300).Select(n => Counters(look / 3.0, look, look / 7.0, look) with
            {
                Node = NodeId.Of(new Guid(n, 0, 0, new byte[8])),
                MemoryUsedMiB = 10 + look / 3.0,
            })];
            await monitor.LookAsync(CancellationToken.None);
            _time.Advance(HostMonitor.Look);
        }
        var answer = monitor.Since(null);
        Assert.Equal(300, answer.Nodes.Length);
        Assert.All(answer.Nodes, one => Assert.Equal(6, one.Newest.Length));
        var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(answer, Wire.Json);
        Assert.InRange(json.Length, 100_000, 1 << 20);
    }

    [Fact]
    public async Task A_slow_hypervisor_delays_its_own_next_reading_and_nothing_else()
    {
        using var stop = new CancellationTokenSource();
        var told = new List<string>();
        var monitor = new HostMonitor(_meter, _time, HostMonitor.Look, told.Add);
        var answer = _meter.Slow = new TaskCompletionSource<IReadOnlyList<NodeCounters>>();
        var running = monitor.RunAsync(stop.Token);
        for (var look = 0; look < 5; look++) Next();
        Assert.Equal(1, _meter.NodeReadings);
        Assert.True(monitor.Since(null).Host.Length >= 4);

        _meter.Slow = null;
        answer.SetException(new HypervisorException("libvirt-unreachable", "libvirtd is gone.", "Start it."));
        _meter.Nodes = [Counters(1)];
        for (var look = 0; look < 3; look++) Next();
        Assert.Equal(["libvirtd is gone."], told);
        Assert.True(_meter.NodeReadings > 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        void Next()
        {
            var before = _meter.HostReadings;
            _time.Advance(HostMonitor.Look);
            Assert.True(SpinWait.SpinUntil(() => _meter.HostReadings > before, TimeSpan.FromSeconds(10)));
        }
    }

    private static void NotNegative(params double[] values) =>
        Assert.All(values, one => Assert.True(double.IsFinite(one) && one >= 0, $"{one}"));

    private static NodeCounters Wild(Random random) => new(
        Node, 2, TimeSpan.FromSeconds(random.Next(20) == 0 ? 0 : random.Next(0, 100)),
        random.Next(5) == 0 ? null : TimeSpan.FromSeconds(random.Next(0, 100)),
        random.Next(5) == 0 ? null : TimeSpan.FromSeconds(random.Next(0, 100)), null, null, 128,
        random.Next(5) == 0 ? null : random.Next(-50, 300), random.Next(5) == 0 ? null : random.Next(-5, 5000),
        random.Next(0, 1000), random.NextInt64(long.MaxValue));

    private static NodeCounters Counters(
        double used, double waited = 0, double throttled = 0, long swapped = 0, long received = 0) => new(
        Node, 2, TimeSpan.FromSeconds(used), TimeSpan.FromSeconds(waited), TimeSpan.FromSeconds(throttled), null, null,
        128, 64, swapped, received, 0);

    private HostMonitor Monitor(int seconds) => new(_meter, _time, TimeSpan.FromSeconds(seconds));

    private Task LookAsync(HostMonitor monitor, NodeCounters now)
    {
        _meter.Nodes = [now];
        return monitor.LookAsync(CancellationToken.None);
    }

    private sealed class ScriptedMeter : IMeter
    {
        private int _hostReadings;

        public IReadOnlyList<NodeCounters> Nodes { get; set; } = [];

        public TaskCompletionSource<IReadOnlyList<NodeCounters>>? Slow { get; set; }

        public int HostReadings => Volatile.Read(ref _hostReadings);

        public int NodeReadings { get; private set; }

        public HostCounters ReadHost()
        {
            var readings = Interlocked.Increment(ref _hostReadings);
            return new HostCounters(2, TimeSpan.FromSeconds(readings), TimeSpan.Zero, 1, 1024, 512, 0, 0, 0);
        }

        public Task<IReadOnlyList<NodeCounters>> ReadNodesAsync(CancellationToken cancel)
        {
            NodeReadings++;
            return Slow?.Task ?? Task.FromResult(Nodes);
        }
    }

    /// <summary>A wall clock that is set; the time between two looks stays true.</summary>
    private sealed class JumpingTime(ManualTime inner) : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Ahead;

        public override long GetTimestamp() => inner.GetTimestamp();
    }
}
