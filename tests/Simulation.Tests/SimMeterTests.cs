using VioActors.Actors.Host.Agent;
using VioActors.Actors.Host.Monitoring;
using VioActors.Contracts.Agents;
using VioActors.TestKit;

namespace VioActors.Simulation.Tests;

/// <summary>
/// What simulated guests want by their scripts shows in the samples of their host, with real semantics.
/// </summary>
public sealed class SimMeterTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Scripts_quotas_and_neighbours_show_in_the_samples()
    {
        var world = new SimWorld(_time);
        var host = world.AddHost(new("a"), cores: 1);
        var (one, two) = (SampleShape.New(), SampleShape.New());
        var hypervisor = new SimHypervisor(host);
        foreach (var shape in (NodeShape[])[one, two]) await hypervisor.StartAsync(shape, CancellationToken.None);
        world.Script(one.Node, Phase(10, new SimLoad(0.5, 40, 100, 50)), Phase(0, new SimLoad(1, 60)));
        world.Script(two.Node, Phase(0, new SimLoad(0)));
        var monitor = new HostMonitor(new SimMeter(host), _time, HostMonitor.Look);
        await monitor.LookAsync(CancellationToken.None);

        var half = await NextAsync(monitor, one, seconds: 10);
        Assert.Equal((0.5, 0.0, 100.0, 50.0),
            (half.CpuUsedCores, half.CpuWaitedCores, half.ReceivedBytesPerSecond, half.SentBytesPerSecond));
        Assert.Equal((60.0, one.MemoryMiB), (half.MemoryUsedMiB, half.MemoryMiB));
        var full = await NextAsync(monitor, one, seconds: 2);
        Assert.Equal((1.0, 0.0), (full.CpuUsedCores, full.CpuWaitedCores));

        // A neighbour of the same weight takes half; a quota takes more, and says so.
        world.Script(two.Node, Phase(0, new SimLoad(1)));
        var shared = await NextAsync(monitor, one, seconds: 2);
        Assert.Equal((0.5, 0.5, 0.0), (shared.CpuUsedCores, shared.CpuWaitedCores, shared.CpuThrottledCores));
        await hypervisor.ResizeAsync(one.Node, new NodeResources(null, 100, 20), CancellationToken.None);
        var bound = await NextAsync(monitor, one, seconds: 2);
        Assert.Equal((0.2, 0.8, 0.8), (bound.CpuUsedCores, bound.CpuWaitedCores, bound.CpuThrottledCores));
        Assert.Equal((20, 100), (bound.CpuQuotaPercent, bound.CpuWeight));
        Assert.Equal(1, monitor.Since(null).Host[^1].CpuUsedCores);
    }

    [Fact]
    public async Task A_guest_that_ignores_its_balloon_does_not_say_what_it_uses()
    {
        var world = new SimWorld(_time);
        var host = world.AddHost(new("a"));
        var shape = SampleShape.New();
        await new SimHypervisor(host).StartAsync(shape, CancellationToken.None);
        host.IgnoresBalloon.Add(shape.Node);
        var monitor = new HostMonitor(new SimMeter(host), _time, HostMonitor.Look);
        await monitor.LookAsync(CancellationToken.None);
        Assert.Null((await NextAsync(monitor, shape, seconds: 5)).MemoryUsedMiB);
    }

    private static SimPhase Phase(double seconds, SimLoad load) => new(TimeSpan.FromSeconds(seconds), load);

    private async Task<NodeSample> NextAsync(HostMonitor monitor, NodeShape shape, int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await monitor.LookAsync(CancellationToken.None);
        return monitor.Since(null).Nodes.Single(node => node.Node == shape.Node).Newest[^1];
    }
}
