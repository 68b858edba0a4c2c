using VioActors.Actors.Host.Agent;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Simulation;
using VioActors.TestKit;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>What an agent does with requests: each once, and its log says for whom.</summary>
public sealed class RequestDeskTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task ARequestIsDoneOnceAndLoggedWithWhoeverAskedAsync()
    {
        var host = new SimWorld(TimeProvider.System).AddHost(new("h1"));
        await using var agent = new HostAgent(new SimHypervisor(host), new SimRunLedger(), new SimDataPlane(host));
        var log = new WrittenLog();
        var desk = new RequestDesk(agent, log);
        var request = new AgentRequest
        {
            Id = "r1",
            Generation = 1,
            Command = new ObserveNode { Node = SampleShape.New().Node },
            By = "owner:alice",
        };

        var first = await desk.AskAsync(request, CancellationToken.None);
        var again = await desk.AskAsync(request, CancellationToken.None);

        Assert.Same(first, again);
        Assert.NotSame(first, await desk.AskAsync(request with { Generation = 2 }, CancellationToken.None));
        await log.Contains("for owner:alice: done").WaitAsync(Limit);

        // A server of the version before says nobody.
        await desk.AskAsync(request with { Id = "r2", By = null }, CancellationToken.None);
        await log.Contains("for -: done").WaitAsync(Limit);
    }
}
