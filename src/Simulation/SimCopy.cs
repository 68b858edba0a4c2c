using VioActors.Actors.Host.Agent;
using VioActors.Contracts.Agents;

namespace VioActors.Simulation;

/// <summary>One simulated move: copy, pause, change of place in one instant.</summary>
internal sealed class SimCopy(SimWorld world, SimHost source, OutgoingMove move)
{
    private const int Steps = 20;
    private SimDomain? _domain;

    /// <summary>Call under the gate.</summary>
    public void Begin()
    {
        if (!source.Executes(move.Shape.Node))
            throw SimHypervisor.Failed("not-running", move.Shape.Node, $"does not run on host {source.Id}");
        _domain = source.Domains[move.Shape.Node];
        _domain.AbortAsked = false;
        Check();
        _domain.ActiveMove = move.Move;
    }

    /// <summary>Copies; the truth changes hands at the end, in one step under the gate.</summary>
    public async Task<MoveStatistics> RunAsync(Action<MoveProgress> progress, CancellationToken cancel)
    {
        var megabytes = _domain!.ActualMemoryMiB;
        var speed = Math.Min(world.Speeds.CopyMiBps, move.BandwidthMiBps ?? double.MaxValue);
        var copying = TimeSpan.FromSeconds(megabytes / speed);
        for (var step = 1; step <= Steps; step++)
        {
            await Task.Delay(copying / Steps, world.Time, cancel);
            lock (world.Gate)
            {
                Check();
                if (step == Steps / 2 && source.ShouldFail(SimCall.Move))
                    throw SimHypervisor.Failed("sim-fault",
                        move.Shape.Node, "met a fault that was switched on for Move");
            }
            progress(new MoveProgress(move.Move, (double)step / (Steps + 1), "memory"));
        }
        lock (world.Gate)
        {
            Check();
            source.Settle();
            _domain.Presence = NodePresence.Paused;
        }
        await Task.Delay(world.Speeds.Downtime, world.Time, cancel);
        lock (world.Gate)
        {
            ChangeHands();
            if (source.ShouldFail(SimCall.MoveAnswer))
                throw SimHypervisor.Failed("sim-fault", move.Shape.Node, "moved, and the answer was lost");
        }
        return new MoveStatistics(
            (long)world.Speeds.Downtime.TotalMilliseconds, (long)(copying + world.Speeds.Downtime).TotalMilliseconds,
            (long)megabytes << 20, 0);
    }

    /// <summary>After any end: a machine that is still here executes again.</summary>
    public void End()
    {
        lock (world.Gate)
        {
            if (_domain is null || source.Domains.GetValueOrDefault(move.Shape.Node) != _domain) return;
            source.Settle();
            _domain.ActiveMove = null;
            if (_domain.Presence != NodePresence.Paused) return;
            _domain.Presence = NodePresence.Running;
            world.Count(move.Shape.Node);
        }
    }

    private void ChangeHands()
    {
        Check();
        var target = world.Find(move.To)!;
        target.Settle();
        source.Domains.Remove(move.Shape.Node);
        target.Incoming.Remove(move.Shape.Node);
        _domain!.Presence = NodePresence.Running;
        _domain.ActiveMove = null;
        target.Domains[move.Shape.Node] = _domain;
        world.Count(move.Shape.Node);
    }

    private void Check()
    {
        var node = move.Shape.Node;
        if (source.IsDead || source.Domains.GetValueOrDefault(node) != _domain)
            throw SimHypervisor.Failed("move-failed", node, $"is gone from host {source.Id}");
        if (_domain!.AbortAsked) throw SimHypervisor.Failed("move-aborted", node, "stays: its move was aborted");
        var target = world.Find(move.To);
        if (target is null || target.IsDead)
            throw SimHypervisor.Failed("move-failed", node, $"stays: host {move.To} does not answer");
        if (!target.Incoming.TryGetValue(node, out var way) || way.Move != move.Move || way.From != source.Id)
            throw SimHypervisor.Failed("move-refused", node,
                $"stays: host {move.To} expects no move {move.Move} from here");
    }
}
