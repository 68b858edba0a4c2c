using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Bench.Servers;

/// <summary>A hypervisor that says which node it is about to change.</summary>
internal sealed class WatchedHypervisor(IHypervisor hypervisor, Action<NodeId> acts) : IHypervisor
{
    public MachineEnds Ends => hypervisor.Ends;

    public Task<HypervisorFacts> FactsAsync(CancellationToken cancel) => hypervisor.FactsAsync(cancel);

    public Task<NodeObservation> ObserveAsync(NodeId node, CancellationToken cancel) =>
        hypervisor.ObserveAsync(node, cancel);

    public IReadOnlyList<string> Console(NodeId node, int lines) => hypervisor.Console(node, lines);

    public Task<IReadOnlyList<NodeObservation>> ListAsync(CancellationToken cancel) => hypervisor.ListAsync(cancel);

    public Task PrepareAsync(NodeShape shape, CancellationToken cancel) =>
        On(shape.Node).PrepareAsync(shape, cancel);

    public Task StartAsync(NodeShape shape, CancellationToken cancel) => On(shape.Node).StartAsync(shape, cancel);

    public Task StopAsync(NodeId node, TimeSpan grace, CancellationToken cancel) =>
        On(node).StopAsync(node, grace, cancel);

    public Task RemoveAsync(NodeId node, CancellationToken cancel) => On(node).RemoveAsync(node, cancel);

    public Task ResizeAsync(NodeId node, NodeResources resources, CancellationToken cancel) =>
        On(node).ResizeAsync(node, resources, cancel);

    public Task PrepareIncomingAsync(IncomingMove move, CancellationToken cancel) =>
        On(move.Shape.Node).PrepareIncomingAsync(move, cancel);

    public Task<MoveStatistics> MoveAsync(
        OutgoingMove move, Action<MoveProgress> progress, CancellationToken cancel) =>
        On(move.Shape.Node).MoveAsync(move, progress, cancel);

    public Task AbortMoveAsync(NodeId node, OperationId move, CancellationToken cancel) =>
        On(node).AbortMoveAsync(node, move, cancel);

    private IHypervisor On(NodeId node)
    {
        acts(node);
        return hypervisor;
    }
}
