namespace VioActors.Simulation.World;

/// <summary>Lets hosts die, and their nodes begin again elsewhere. Deaths do not depend on the policy.</summary>
internal sealed class WorldDeaths
{
    private readonly WorldState _state;
    private readonly WorldMoves _moves;
    private readonly WorldPlacement _placement;
    private readonly Random _dice;
    private readonly PriorityQueue<(int Host, bool ByChance), (double At, int Host)> _next = new();

    internal WorldDeaths(WorldState state, WorldMoves moves, WorldPlacement placement)
    {
        (_state, _moves, _placement, _dice) = (state, moves, placement, state.Dice(1));
        foreach (var (host, at) in state.Setup.Failures.Known) _next.Enqueue((host, false), (at.TotalSeconds, host));
        foreach (var host in state.Hosts) Draw(host.Index, 0);
    }

    internal int Deaths { get; private set; }

    internal int Restarts { get; private set; }

    internal void Run()
    {
        while (_next.TryPeek(out var next, out var when) && when.At <= _state.Now)
        {
            _next.Dequeue();
            if (next.ByChance)
                Draw(next.Host, when.At + _state.Setup.Failures.Repair.TotalSeconds);
            Die(_state.Hosts[next.Host]);
        }

        foreach (var node in _state.Running.SelectMany(work => work.Nodes))
        {
            // The host it was copied to has died: another of that site takes it.
            if (node.IsBehind && !_state.Planned.Any(work => work.Change.Node == node.Id)
                && _placement.FindAll([node], node.Work.Site!.Value) is [var (_, host)])
                _moves.TryBegin(node, host);
            if (node.Host is not null || node.RestartAt > _state.Now || !_placement.TryRestart(node)) continue;
            node.Stall = _state.Setup.Failures.NodeBoot.TotalSeconds;
            Restarts++;
        }
    }

    private void Die(WorldHost host)
    {
        if (host.Phase == HostPhase.Dead) return;
        host.Die(_state.Now, _state.Setup.Failures.Repair);
        Deaths++;
        foreach (var move in host.Arriving.Concat(host.Leaving).ToList()) _moves.Cancel(move);
        foreach (var node in host.Nodes)
        {
            node.Host = null;
            (node.Gets, node.Speed, node.Stall) = (0, 0, 0);
            node.Samples = Actors.Adaptation.Model.SampleHistory.Empty;
            node.Set(weight: null, quotaPercent: null, node.Work.Setup.MemoryMiB);
            node.Written = node.Written with { MemoryMiB = (int)node.GuestMiB };
            node.RestartAt = _state.Now + _state.Setup.Failures.Detect.TotalSeconds;
            node.Work.Lost();
        }

        host.Nodes.Clear();
    }

    private void Draw(int host, double from)
    {
        if (_state.Setup.Failures.MeanBetween is { } mean)
            _next.Enqueue((host, true), (from - mean.TotalSeconds * Math.Log(1 - _dice.NextDouble()), host));
    }
}
