using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.EndToEnd.Agent;

namespace VioActors.EndToEnd.Conformance;

/// <summary>One host's hypervisor as the site has it: every call is a command to that host's agent.</summary>
internal sealed class AgentHypervisor(FakeSite site, HostId host) : IHypervisor
{
    private const long Run = 1;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    /// <remarks>Agents tell their site of ended machines by frames; nothing is told here.</remarks>
    public MachineEnds Ends { get; } = new();

    /// <inheritdoc/>
    /// <remarks>A site has no command that reads a log.</remarks>
    public IReadOnlyList<string> Console(NodeId node, int lines) => [];

    /// <inheritdoc/>
    public async Task<HypervisorFacts> FactsAsync(CancellationToken cancel)
    {
        var facts = (await site.Agents.WaitAsync(host, cancel)).Facts;
        return new HypervisorFacts(facts.Hypervisor, facts.MachineTypes, facts.CpuModels);
    }

    /// <inheritdoc/>
    public Task PrepareAsync(NodeShape shape, CancellationToken cancel) =>
        DoAsync(new PrepareNode { Node = shape.Node, Run = Run, Shape = shape });

    /// <inheritdoc/>
    public Task StartAsync(NodeShape shape, CancellationToken cancel) =>
        DoAsync(new StartNode { Node = shape.Node, Run = Run, Shape = shape });

    /// <inheritdoc/>
    public Task StopAsync(NodeId node, TimeSpan grace, CancellationToken cancel) =>
        DoAsync(new StopNode { Node = node, Run = Run, GraceSeconds = (int)grace.TotalSeconds });

    /// <inheritdoc/>
    public Task RemoveAsync(NodeId node, CancellationToken cancel) =>
        DoAsync(new RemoveNode { Node = node, Run = Run });

    /// <inheritdoc/>
    public Task ResizeAsync(NodeId node, NodeResources resources, CancellationToken cancel) => DoAsync(new ResizeNode
    {
        Node = node,
        Run = Run,
        MemoryMiB = resources.MemoryMiB ?? 0,
        KeepsMemory = resources.MemoryMiB is null,
        CpuWeight = resources.CpuWeight,
        CpuQuotaPercent = resources.CpuQuotaPercent,
    });

    /// <inheritdoc/>
    public async Task<NodeObservation> ObserveAsync(NodeId node, CancellationToken cancel) =>
        (await DoAsync(new ObserveNode { Node = node })).Observation!;

    /// <inheritdoc/>
    /// <remarks>An agent lists its nodes when it connects, so it is made to connect again.</remarks>
    public async Task<IReadOnlyList<NodeObservation>> ListAsync(CancellationToken cancel) =>
        (await site.HelloAgainAsync(host)).Nodes;

    /// <inheritdoc/>
    public Task PrepareIncomingAsync(IncomingMove move, CancellationToken cancel) => DoAsync(new ReceiveMove
    {
        Node = move.Shape.Node,
        Run = Run,
        Move = move.Move,
        Shape = move.Shape,
        From = move.From,
    });

    /// <inheritdoc/>
    public async Task<MoveStatistics> MoveAsync(
        OutgoingMove move, Action<MoveProgress> progress, CancellationToken cancel)
    {
        var moving = DoAsync(new SendMove
        {
            Node = move.Shape.Node,
            Run = Run,
            Move = move.Move,
            Shape = move.Shape,
            To = move.To,
            ToEndpoint = move.ToEndpoint,
            BandwidthMiBps = move.BandwidthMiBps,
        });
        while (await Task.WhenAny(moving, Task.Delay(LookInterval, TimeProvider.System, cancel)) != moving)
        {
            if (site.Agents.ProgressOf(move.Move) is { } seen) progress(seen);
        }
        return (await moving).Move!;
    }

    /// <inheritdoc/>
    public Task AbortMoveAsync(NodeId node, OperationId move, CancellationToken cancel) =>
        DoAsync(new AbortMove { Node = node, Run = Run, Move = move });

    private async Task<AgentOutcome> DoAsync(AgentCommand command)
    {
        var outcome = await site.DoAsync(host, command);
        return outcome.Failure is { } failed
            ? throw new HypervisorException(failed.Code, failed.Reason, failed.Remedy)
            : outcome;
    }
}
