using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.EndToEnd.Conformance;

namespace VioActors.EndToEnd.Adaptation;

/// <summary>
/// A guest whose load is scripted by its kernel command line, and what its host's agent measures of it.
/// </summary>
internal sealed class GuestLoad(AgentLab lab, NodeShape shape, ITestOutputHelper output)
{
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(10);
    private long _run = 1;

    /// <summary>Where it is.</summary>
    public HostId Host { get; private set; } = lab.First;

    public NodeShape Shape => shape;

    /// <summary>Starts it and waits for its software.</summary>
    /// <param name="lab">Where.</param>
    /// <param name="host">On which host.</param>
    /// <param name="options">What it does, after the other options of its command line.</param>
    /// <param name="output">What happened.</param>
    public static async Task<GuestLoad> StartAsync(
        AgentLab lab, HostId host, string options, ITestOutputHelper output)
    {
        var shape = lab.NewShape();
        shape = shape with { CommandLine = $"{shape.CommandLine} {options}" };
        var guest = new GuestLoad(lab, shape, output) { Host = host };
        await guest.DoneAsync(new PrepareNode { Node = shape.Node, Shape = shape });
        await guest.DoneAsync(new StartNode { Node = shape.Node, Shape = shape });
        await lab.BootedAsync(host, shape.Node);
        return guest;
    }

    /// <summary>Changes what it gets; null memory leaves it alone.</summary>
    public Task<AgentOutcome> ResizeAsync(int? memoryMiB, int weight, int? quotaPercent) => DoAsync(new ResizeNode
    {
        Node = shape.Node,
        MemoryMiB = memoryMiB ?? 0,
        KeepsMemory = memoryMiB is null,
        CpuWeight = weight,
        CpuQuotaPercent = quotaPercent,
    });

    /// <summary>Moves it while it runs.</summary>
    public async Task MoveAsync(HostId to)
    {
        var move = OperationId.Of(Guid.NewGuid());
        var from = Host;
        Host = to;
        await DoneAsync(new ReceiveMove { Node = shape.Node, Move = move, Shape = shape, From = from });
        Host = from;
        await DoneAsync(new SendMove
        {
            Node = shape.Node,
            Move = move,
            Shape = shape,
            To = to,
            ToEndpoint = lab.EndpointOf(to),
        });
        Host = to;
    }

    /// <summary>Waits until the guest says that a phase of its load began.</summary>
    public Task PhaseAsync(string line) => Until.TrueAsync($"node {shape.Node} says '{line}'", async () =>
        (await File.ReadAllTextAsync(Path.Combine(lab.DirectoryOf(Host, shape.Node), "serial.log")))
            .Contains(line, StringComparison.Ordinal));

    /// <summary>Its samples on a host, oldest first; none when it is not measured there.</summary>
    public async Task<IReadOnlyList<NodeSample>> SamplesAsync(HostId host, DateTimeOffset? since = null)
    {
        var agent = await lab.Site.Agents.WaitAsync(host, CancellationToken.None);
        var answer = await agent.QueryAsync(
            new AgentQuery { Id = "", Ask = "samples", Since = since }, Answer, CancellationToken.None);
        Assert.InRange(answer.Samples!.Host.Length, since is null ? 1 : 0, HostSamples.Most);
        return answer.Samples.Nodes.FirstOrDefault(one => one.Node == shape.Node)?.Newest ?? [];
    }

    /// <summary>The first sample after now that is like this, and how long it took.</summary>
    public async Task<NodeSample> UntilAsync(string what, Func<NodeSample, bool> isSo, int seconds = 20)
    {
        var started = TimeProvider.System.GetTimestamp();
        var since = TimeProvider.System.GetUtcNow();
        NodeSample? last = null;
        await Until.TrueAsync(() => $"{what}; last {last}", async () =>
        {
            var seen = await SamplesAsync(Host, since);
            last = seen.FirstOrDefault(isSo) ?? seen.LastOrDefault();
            return last is not null && isSo(last);
        }, seconds);
        output.WriteLine($"{what}: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s, {last}");
        return last!;
    }

    /// <summary>The mean of so many whole samples from now on.</summary>
    public async Task<NodeSample> MeanAsync(int samples)
    {
        var since = TimeProvider.System.GetUtcNow().AddSeconds(1);
        IReadOnlyList<NodeSample> seen = [];
        await Until.TrueAsync(
            $"{samples} samples of node {shape.Node}",
            async () => (seen = await SamplesAsync(Host, since)).Count >= samples, seconds: 30);
        return seen[^1] with
        {
            CpuUsedCores = seen.Average(one => one.CpuUsedCores),
            CpuWaitedCores = seen.Average(one => one.CpuWaitedCores),
            CpuThrottledCores = seen.Average(one => one.CpuThrottledCores),
        };
    }

    public Task RemoveAsync() => DoneAsync(new RemoveNode { Node = shape.Node });

    private async Task<AgentOutcome> DoneAsync(AgentCommand command)
    {
        var outcome = await DoAsync(command);
        Assert.Null(outcome.Failure);
        return outcome;
    }

    private Task<AgentOutcome> DoAsync(AgentCommand command) =>
        lab.Site.DoAsync(Host, command with { Run = ++_run });
}
