using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.TestKit;

namespace VioActors.Simulation.Tests;

public sealed class SimDataPlaneTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly SimSpeeds Fast = new() { Boot = TimeSpan.FromMilliseconds(20) };

    public static TheoryData<string> Names => [.. Suite(plane => plane).Cases.Select(one => one.Name)];

    [Theory, MemberData(nameof(Names))]
    public Task ConformsAsync(string name) => Suite(plane => plane).Cases.Single(one => one.Name == name).Run();

    /// <summary>Control: each fault is found by the case that is about it.</summary>
    [Theory]
    [InlineData(Fault.TakesOlder, "an older state is ignored, by generation and by version")]
    [InlineData(Fault.KeepsRemoved, "a removed environment leaves no port")]
    [InlineData(Fault.MixesEnvironments, "equal addresses of two environments do not meet")]
    [InlineData(Fault.LeavesMoved, "a node that changes its host is reached there")]
    [InlineData(Fault.AlwaysReady, "who answers is ready, who does not is not")]
    [InlineData(Fault.NeverReady, "nodes are reached from both hosts")]
    public async Task AFaultyOneIsCaughtAsync(Fault fault, string name)
    {
        var suite = Suite(plane => new FaultyDataPlane(plane, fault));
        await Assert.ThrowsAsync<ConformanceException>(suite.Cases.Single(one => one.Name == name).Run);
    }

    [Theory]
    [InlineData("both hosts know each other", true)]
    [InlineData("the asking host is no member at the other", false)]
    [InlineData("the other host is no member here", false)]
    [InlineData("the node's host has no port for it", false)]
    [InlineData("the table says another host", false)]
    [InlineData("the node's host is off", false)]
    public async Task AnAnswerNeedsBothSwitchesAsync(string what, bool answers)
    {
        var world = new SimWorld(TimeProvider.System, Fast);
        var (one, two) = (world.AddHost(new("a")), world.AddHost(new("b")));
        var (first, second) = (new SimDataPlane(one), new SimDataPlane(two));
        var shape = SampleShape.New();
        var entry = new SwitchEntry(shape.Node, shape.Mac, "10.1.0.1", two.Id, null, 1);
        var (a, b) = (new SwitchMember(one.Id, "a:1", "", ""), new SwitchMember(two.Id, "b:1", "", ""));
        SwitchWanted Wanted(SwitchEntry row, params SwitchMember[] members) => new()
        {
            Generation = 1,
            Version = 1,
            Environments =
            [
                new SwitchEnvironment
                {
                    Environment = shape.Environment,
                    Subnet = "10.1.0.0/16",
                    Members = [.. members],
                    Entries = [row],
                },
            ],
        };
        var elsewhere = entry with { Host = one.Id };
        await new SimHypervisor(two).StartAsync(shape, None);
        await first.ApplyAsync(what switch
        {
            "the other host is no member here" => Wanted(entry, a),
            "the table says another host" => Wanted(elsewhere, a, b),
            _ => Wanted(entry, a, b),
        }, None);
        await second.ApplyAsync(what switch
        {
            "the asking host is no member at the other" => Wanted(entry, b),
            "the node's host has no port for it" => Wanted(elsewhere, a, b),
            _ => Wanted(entry, a, b),
        }, None);
        if (what == "the node's host is off") two.Kill();
        Assert.Equal(
            answers, await first.AwaitReadyAsync(shape.Environment, entry.Ip, TimeSpan.FromMilliseconds(200), None));
    }

    private static DataPlaneConformance Suite(Func<IDataPlane, IDataPlane> wrap)
    {
        var world = new SimWorld(TimeProvider.System, Fast);
        var (one, two) = (world.AddHost(new("a")), world.AddHost(new("b")));
        return new DataPlaneConformance(new DataPlaneBench
        {
            First = new DataPlaneHost(one.Id, "a:1", wrap(new SimDataPlane(one))),
            Second = new DataPlaneHost(two.Id, "b:1", wrap(new SimDataPlane(two))),
            Start = (host, environment, entry) => new SimHypervisor(world.Find(host)!).StartAsync(
                SampleShape.New() with { Node = entry.Node, Environment = environment, Mac = entry.Mac }, None),
            Stop = async entry =>
            {
                foreach (var host in (SimHost[])[one, two])
                    await new SimHypervisor(host).StopAsync(entry.Node, TimeSpan.Zero, None);
            },
            Ready = TimeSpan.FromSeconds(2),
            Silence = TimeSpan.FromMilliseconds(150),
        });
    }
}
