using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.TestKit;

namespace VioActors.Simulation.Tests;

public sealed class SimHypervisorTests
{
    private static readonly SimSpeeds Fast = new()
    {
        Boot = TimeSpan.FromMilliseconds(20),
        Balloon = TimeSpan.FromMilliseconds(5),
        CopyMiBps = 20_000,
        Downtime = TimeSpan.FromMilliseconds(5),
        Shutdown = TimeSpan.FromMilliseconds(5),
    };

    public static TheoryData<string> Names =>
        [.. Suite(new SimWorld(TimeProvider.System, Fast)).Cases.Select(one => one.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task ConformsAsync(string name)
    {
        var world = new SimWorld(TimeProvider.System, Fast);
        await Suite(world).Cases.Single(one => one.Name == name).Run();
        Assert.Empty(world.Violations);
    }

    [Fact]
    public async Task ASecondStartIsSeen()
    {
        var world = new SimWorld(TimeProvider.System, Fast);
        var (one, two) = (world.AddHost(new("a")), world.AddHost(new("b")));
        var shape = SampleShape.New();
        await new SimHypervisor(one).StartAsync(shape, CancellationToken.None);
        Assert.Equal(1, world.RunningCopies(shape.Node));
        Assert.Empty(world.Violations);
        await new SimHypervisor(two).StartAsync(shape, CancellationToken.None);
        Assert.Equal(2, world.MostCopies(shape.Node));
        Assert.Contains("executes on 2 hosts: a, b", Assert.Single(world.Violations));
    }

    [Fact]
    public void BusyGuestsShareByWeightAndLimits()
    {
        Assert.Equal([1.5, 0.5], SimShares.Rates(2, [(300, 4), (100, 4)]));
        Assert.Equal([0.5, 1.5], SimShares.Rates(2, [(300, 0.5), (100, 4)]));
        Assert.Equal([1, 1], SimShares.Rates(4, [(300, 1), (100, 1)]));
    }

    private static HypervisorConformance Suite(SimWorld world)
    {
        var (one, two) = (world.AddHost(new("a")), world.AddHost(new("b")));
        return new HypervisorConformance(new HypervisorBench
        {
            First = new SimHypervisor(one),
            FirstHost = one.Id,
            Second = new SimHypervisor(two),
            SecondHost = two.Id,
            NewShape = SampleShape.New,
            Booted = (_, _) => Task.Delay(Fast.Boot * 2, TimeProvider.System, CancellationToken.None),
        });
    }
}
