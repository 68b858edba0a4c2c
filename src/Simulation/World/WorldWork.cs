using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts;

namespace VioActors.Simulation.World;

/// <summary>What runs in an environment: says what its nodes want, and goes on with what they got.</summary>
internal abstract class WorldWork
{
    protected WorldWork(LoadSetup setup, int made)
    {
        Setup = setup;
        Id = EnvironmentId.From("s." + setup.Name);
        for (var i = 0; i < setup.Nodes; i++)
            Nodes.Add(new WorldNode
            {
                Id = NodeId.Of(new Guid(made + i + 1, 0, 0, new byte[8])),
                Work = this,
                Name = $"{setup.Name}/n{i + 1}",
                Written = new NodeAmount((int)setup.MemoryMiB, WorldNode.UsualWeight, null),
                GuestMiB = setup.MemoryMiB,
            });
    }

    internal LoadSetup Setup { get; }

    internal EnvironmentId Id { get; }

    internal List<WorldNode> Nodes { get; } = [];

    /// <summary>The site of its nodes; while they move, where they go; null before it has started.</summary>
    internal int? Site { get; set; }

    /// <summary>When its nodes got hosts, in seconds; null: not yet.</summary>
    internal double? StartedAt { get; set; }

    /// <summary>When it ended, in seconds; null: it runs, or never ends.</summary>
    internal double? EndedAt { get; private protected set; }

    /// <summary>Whether nodes of it are being copied, or have not yet followed it to its site.</summary>
    internal bool Moves => Nodes.Any(node => node.Move is not null || node.IsBehind);

    /// <summary>Sets what each node wants from now on.</summary>
    internal abstract void Want(double now, double seconds);

    /// <summary>Goes on for so many seconds with what each node got.</summary>
    internal abstract void Work(double now, double seconds);

    /// <summary>A node of it died.</summary>
    internal virtual void Lost()
    {
    }
}

/// <summary>Runs a <see cref="PhasedSetup"/>.</summary>
internal sealed class PhasedWork(PhasedSetup setup, int made) : WorldWork(setup, made)
{
    private (int Phase, double Done) _now;
    private (int Phase, double Done) _saved;
    private double _savedAt;

    internal override void Want(double now, double seconds)
    {
        // A node that has no host holds all others up: they wait without work.
        var isWhole = Nodes.All(node => node.Host is not null);
        foreach (var node in Nodes)
        {
            node.Demand = isWhole || node.Host is null ? setup.Phases[_now.Phase].CpuDemand : 0;
            node.MemoryUsedMiB = setup.MemoryMiB * setup.MemoryUse;
        }
    }

    internal override void Work(double now, double seconds)
    {
        var speed = Nodes.Min(node => node.Host is null ? 0 : node.Speed);
        var left = seconds;
        while (speed > 0)
        {
            var need = (setup.Phases[_now.Phase].WorkPerNode - _now.Done) / speed;
            if (need > left)
            {
                _now.Done += speed * left;
                break;
            }

            left -= need;
            _now = _saved = (_now.Phase + 1, 0);
            _savedAt = now + seconds - left;
            if (_now.Phase < setup.Phases.Length) continue;
            EndedAt = now + seconds - left;
            return;
        }

        if (setup.Checkpoint is not { } every || now + seconds - _savedAt < every.TotalSeconds) return;
        (_saved, _savedAt) = (_now, now + seconds);
    }

    internal override void Lost() => _now = _saved;
}

/// <summary>Runs a <see cref="ServiceSetup"/>.</summary>
internal sealed class ServiceWork(ServiceSetup setup, Random dice, int made) : WorldWork(setup, made)
{
    private double _nextBurst = -1;
    private double _burstEnds;

    /// <summary>Requests that came.</summary>
    internal double Came { get; private set; }

    /// <summary>Requests that were served.</summary>
    internal double Served { get; private set; }

    internal override void Want(double now, double seconds)
    {
        var up = Nodes.Where(node => node.Host is not null).ToList();
        // With no node left, each counts as wanting its part all the same.
        var takers = up.Count > 0 ? up : Nodes;
        var each = Rate(now) * setup.CpuSecondsPerRequest / takers.Count;
        foreach (var node in Nodes)
        {
            // Drawn for nodes that are down too, so that all policies see the same load.
            var noise = setup.Noise * (2 * dice.NextDouble() - 1);
            node.Demand = node.Host is not null || up.Count == 0 ? each * (1 + noise) : 0;
            node.MemoryUsedMiB = setup.MemoryMiB * setup.MemoryUse;
        }
    }

    internal override void Work(double now, double seconds)
    {
        foreach (var node in Nodes)
        {
            Came += node.Demand / setup.CpuSecondsPerRequest * seconds;
            Served += (node.Host is null ? 0 : node.Speed) / setup.CpuSecondsPerRequest * seconds;
        }
    }

    private double Rate(double now)
    {
        var angle = 2 * Math.PI * (now - setup.DailyPeak.TotalSeconds) / TimeSpan.FromDays(1).TotalSeconds;
        var rate = setup.RequestsPerSecond * (1 + setup.DailySwing * Math.Cos(angle));
        if (setup.Bursts is not { } bursts) return rate;
        if (_nextBurst < 0) _nextBurst = now + Draw(bursts.Every);
        if (now >= _nextBurst)
        {
            _burstEnds = _nextBurst + bursts.Lasts.TotalSeconds;
            _nextBurst = _burstEnds + Draw(bursts.Every);
        }

        return now < _burstEnds ? rate * bursts.Times : rate;
    }

    private double Draw(TimeSpan mean) => -mean.TotalSeconds * Math.Log(1 - dice.NextDouble());
}

/// <summary>Runs a <see cref="TraceSetup"/>.</summary>
internal sealed class TraceWork(TraceSetup setup, int made) : WorldWork(setup, made)
{
    internal override void Want(double now, double seconds)
    {
        var time = (now - setup.Start.TotalSeconds) % TimeSpan.FromDays(1).TotalSeconds;
        foreach (var (index, node) in Nodes.Index())
        {
            node.Demand = setup.Cpu[index].At(time) * setup.Vcpus;
            node.MemoryUsedMiB = setup.MemoryMiB
                * (setup.Memory.IsEmpty ? setup.MemoryUse : setup.Memory[index].At(time));
        }
    }

    internal override void Work(double now, double seconds)
    {
    }
}
