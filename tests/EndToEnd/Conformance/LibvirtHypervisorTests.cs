using VioActors.Simulation;
using VioActors.TestKit;

namespace VioActors.EndToEnd.Conformance;

/// <summary>The suite that the simulated hypervisor passes, over real QEMU, libvirtd, agents and TLS.</summary>
[Collection(AgentLabCollection.Name)]
public sealed class LibvirtHypervisorTests(AgentLab lab)
{
    public static TheoryData<string> Names
    {
        get
        {
            // Only for the names: the cases are the same whatever is behind them.
            var world = new SimWorld(TimeProvider.System);
            var nowhere = new SimHypervisor(world.AddHost(new("a")));
            return
            [
                .. new HypervisorConformance(new HypervisorBench
                {
                    First = nowhere,
                    FirstHost = new("a"),
                    Second = nowhere,
                    NewShape = () => throw new InvalidOperationException("no case runs here"),
                    Booted = (_, _) => throw new InvalidOperationException("no case runs here"),
                }).Cases.Select(one => one.Name),
            ];
        }
    }

    [Theory, MemberData(nameof(Names))]
    public async Task ConformsAsync(string name)
    {
        lab.Require();
        var first = new AgentHypervisor(lab.Site, lab.First);
        var suite = new HypervisorConformance(new HypervisorBench
        {
            First = first,
            FirstHost = lab.First,
            Second = new AgentHypervisor(lab.Site, lab.Second),
            SecondHost = lab.Second,
            SecondEndpoint = lab.EndpointOf(lab.Second),
            NewShape = lab.NewShape,
            Booted = (where, shape) =>
                lab.BootedAsync(ReferenceEquals(where, first) ? lab.First : lab.Second, shape.Node),
        });
        await suite.Cases.Single(one => one.Name == name).Run();
    }
}
