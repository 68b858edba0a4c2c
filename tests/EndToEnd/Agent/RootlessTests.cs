using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Agent;

/// <summary>Real agent, switch, libvirtd and QEMU, all as one user without any rights.</summary>
public sealed class RootlessTests(ITestOutputHelper output)
{
    private static readonly EnvironmentId Environment = new("s1.e1");
    private static readonly HostId Host = new("h-rootless");
    private static readonly NodeId Node = NodeId.Of(Guid.NewGuid());

    [Fact]
    public async Task ANodeOnAStreamSocketLivesWithoutRightsAsync()
    {
        var image = await ImageAsync();
        await using var agent = await RootlessAgent.StartAsync(Host, "stream");
        var site = agent.Site;
        var shape = SmallGuest.Of(site, image, Node, Environment);
        await site.SwitchAsync(Host, Wanted(shape));

        var weighed = await site.DoAsync(Host, Start(shape with { CpuWeight = 50 }));
        Assert.Equal("no-cpu-limits", weighed.Failure?.Code);
        await DoneAsync(site, Start(shape));
        await DoneAsync(
            site,
            new AwaitReady { Node = Node, Run = 1, Environment = Environment, Ip = "10.10.0.11", TimeoutSeconds = 90 });
        var resized = await DoneAsync(
            site, new ResizeNode { Node = Node, Run = 1, MemoryMiB = 160, CpuWeight = 100 });
        Assert.InRange(resized.Observation!.ActualMemoryMiB!.Value, 1, 161);
        var gone = await DoneAsync(site, new RemoveNode { Node = Node, Run = 2 });
        Assert.Equal(NodePresence.Absent, gone.Observation!.Presence);
    }

    private static async Task<GuestImage> ImageAsync()
    {
        try
        {
            return await new GuestImageBuilder(
                new ProcessRunner(TimeProvider.System), GuestImageBuilder.DefaultCache)
                .BuildAsync(TestContext.Current.CancellationToken);
        }
        catch (GuestImageException reason)
        {
            Assert.Skip(reason.Message);
            throw;
        }
    }

    private static StartNode Start(NodeShape shape) => new() { Node = shape.Node, Run = 1, Shape = shape };

    private async Task<AgentOutcome> DoneAsync(FakeSite site, AgentCommand command)
    {
        var outcome = await site.DoAsync(Host, command);
        output.WriteLine($"{command.GetType().Name}: {outcome.Failure?.ToString() ?? "done"} {outcome.Observation}");
        Assert.Null(outcome.Failure);
        return outcome;
    }

    private static SwitchWanted Wanted(NodeShape shape) => new()
    {
        Generation = 1,
        Version = 1,
        Environments =
        [
            new SwitchEnvironment
            {
                Environment = Environment,
                Subnet = "10.10.0.0/24",
                Members = [new SwitchMember(Host, RootlessAgent.Endpoint, "52:54:00:00:ff:01", "10.10.0.241")],
                Entries = [new SwitchEntry(shape.Node, shape.Mac, "10.10.0.11", Host, null, 1)],
            },
        ],
    };
}
