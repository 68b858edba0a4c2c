using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Simulation;

/// <summary>
/// The hypervisor of a simulated host. Make a new one when the host's agent restarts: all state is in the
/// <see cref="SimHost"/>.
/// </summary>
public sealed class SimHypervisor(SimHost host) : IHypervisor
{
    private readonly SimWorld _world = host.World;

    /// <inheritdoc/>
    public MachineEnds Ends => host.Ends;

    /// <inheritdoc/>
    public Task<HypervisorFacts> FactsAsync(CancellationToken cancel) =>
        Task.FromResult(new HypervisorFacts("sim 1", ["pc-q35-7.2"], ["qemu64"]));

    /// <inheritdoc/>
    public Task PrepareAsync(NodeShape shape, CancellationToken cancel) =>
        Do(SimCall.Prepare, shape.Node, () => host.Disks.Add(shape.Node));

    /// <inheritdoc/>
    public Task StartAsync(NodeShape shape, CancellationToken cancel) => Do(SimCall.Start, shape.Node, () =>
    {
        if (host.Domains.TryGetValue(shape.Node, out var there) && there.Presence == NodePresence.Running) return;
        var used = host.Domains.Values.Sum(domain => domain.Shape.MaxMemoryMiB);
        if (used + shape.MaxMemoryMiB > host.MemoryMiB)
            throw Failed("no-memory", shape.Node,
                $"needs {shape.MaxMemoryMiB} MiB and {host.MemoryMiB - used} MiB are free");
        host.Disks.Add(shape.Node);
        host.Domains[shape.Node] = new SimDomain(shape, _world.Time.GetUtcNow());
        _world.Count(shape.Node);
    });

    /// <inheritdoc/>
    public async Task StopAsync(NodeId node, TimeSpan grace, CancellationToken cancel)
    {
        if (grace > TimeSpan.Zero && host.Executes(node))
        {
            var obeys = IsBooted(node) && _world.Speeds.Shutdown < grace;
            await Task.Delay(obeys ? _world.Speeds.Shutdown : grace, _world.Time, cancel);
        }
        await Do(SimCall.Stop, node, () => host.Domains.Remove(node));
    }

    /// <inheritdoc/>
    public Task RemoveAsync(NodeId node, CancellationToken cancel) => Do(SimCall.Remove, node, () =>
    {
        host.Domains.Remove(node);
        host.Incoming.Remove(node);
        host.Disks.Remove(node);
    });

    /// <inheritdoc/>
    public async Task ResizeAsync(NodeId node, NodeResources resources, CancellationToken cancel)
    {
        await Do(SimCall.Resize, node, () =>
        {
            var domain = Running(node);
            domain.Weight = resources.CpuWeight;
            domain.QuotaPercent = resources.CpuQuotaPercent;
        });
        if (resources.MemoryMiB is not { } memory) return;
        await Task.Delay(_world.Speeds.Balloon, _world.Time, cancel);
        await Do(null, node, () =>
        {
            var domain = Running(node);
            if (host.IgnoresBalloon.Contains(node) || !IsBooted(node))
                throw Failed("balloon-not-confirmed", node,
                    $"was asked for {memory} MiB and stayed at {domain.ActualMemoryMiB} MiB");
            domain.ActualMemoryMiB = Math.Min(memory, domain.Shape.MaxMemoryMiB);
        });
    }

    /// <inheritdoc/>
    public async Task<NodeObservation> ObserveAsync(NodeId node, CancellationToken cancel)
    {
        NodeObservation? seen = null;
        await Do(SimCall.Observe, node, () => seen = Look(node));
        return seen!;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Console(NodeId node, int lines)
    {
        lock (_world.Gate)
            return !host.Domains.ContainsKey(node) ? []
                : IsBooted(node) ? ["sim: booting", "sim: ready"] : ["sim: booting"];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeObservation>> ListAsync(CancellationToken cancel)
    {
        IReadOnlyList<NodeObservation> seen = [];
        await Do(SimCall.Observe, null, () => seen = [.. host.Domains.Keys.Union(host.Incoming.Keys).Select(Look)]);
        return seen;
    }

    /// <inheritdoc/>
    public Task PrepareIncomingAsync(IncomingMove move, CancellationToken cancel) =>
        Do(SimCall.PrepareIncoming, move.Shape.Node, () =>
        {
            if (host.Domains.ContainsKey(move.Shape.Node))
                throw Failed(FailureCode.AlreadyHere, move.Shape.Node, $"has a machine on host {host.Id} already");
            host.Disks.Add(move.Shape.Node);
            host.Incoming[move.Shape.Node] = new SimIncoming(move.Move, move.From, move.Shape);
        });

    /// <inheritdoc/>
    public async Task<MoveStatistics> MoveAsync(
        OutgoingMove move, Action<MoveProgress> progress, CancellationToken cancel)
    {
        var copy = new SimCopy(_world, host, move);
        await Do(null, move.Shape.Node, copy.Begin);
        try
        {
            return await copy.RunAsync(progress, cancel);
        }
        finally
        {
            copy.End();
        }
    }

    /// <inheritdoc/>
    public Task AbortMoveAsync(NodeId node, OperationId move, CancellationToken cancel) => Do(null, node, () =>
    {
        if (host.Domains.TryGetValue(node, out var domain) && domain.ActiveMove == move) domain.AbortAsked = true;
        if (host.Incoming.TryGetValue(node, out var way) && way.Move == move) host.Incoming.Remove(node);
    });

    internal static HypervisorException Failed(string code, NodeId? node, string what) =>
        new(code, node is null ? $"The host {what}." : $"Node {node} {what}.", "See the host's state, then try again.");

    private bool IsBooted(NodeId node) => SimGuests.IsBooted(host, node);

    private SimDomain Running(NodeId node) =>
        host.Domains.TryGetValue(node, out var domain) && domain.Presence == NodePresence.Running
            ? domain
            : throw Failed("not-running", node, $"does not run on host {host.Id}");

    private NodeObservation Look(NodeId node)
    {
        var domain = host.Domains.GetValueOrDefault(node);
        var presence = domain?.Presence ?? NodePresence.Absent;
        return new NodeObservation
        {
            Node = node,
            Presence = presence,
            ActiveMove = domain?.ActiveMove,
            ActualMemoryMiB = presence == NodePresence.Running ? domain!.ActualMemoryMiB : null,
        };
    }

    private Task Do(SimCall? call, NodeId? node, Action act)
    {
        try
        {
            lock (_world.Gate)
            {
                if (host.IsDead) throw Failed("host-dead", node, $"cannot be reached: host {host.Id} is off");
                if (call is { } named && host.ShouldFail(named))
                    throw Failed("sim-fault", node, $"met a fault that was switched on for {named}");
                host.Settle();
                act();
                return Task.CompletedTask;
            }
        }
        catch (HypervisorException failed)
        {
            return Task.FromException(failed);
        }
    }
}
