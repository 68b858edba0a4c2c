using VioActors.Contracts;

namespace VioActors.Simulation.World;

/// <summary>What a host is doing.</summary>
internal enum HostPhase
{
    /// <summary>Nodes run on it.</summary>
    On,

    /// <summary>It goes to sleep.</summary>
    FallsAsleep,

    /// <summary>It sleeps.</summary>
    Asleep,

    /// <summary>It boots.</summary>
    Boots,

    /// <summary>It is dead.</summary>
    Dead,
}

/// <summary>A host as it is now.</summary>
internal sealed class WorldHost(int index, int site, HostId id, HostSetup setup)
{
    internal int Index { get; } = index;

    internal int Site { get; } = site;

    internal HostId Id { get; } = id;

    internal HostSetup Setup { get; } = setup;

    internal List<WorldNode> Nodes { get; } = [];

    internal List<WorldMove> Arriving { get; } = [];

    internal List<WorldMove> Leaving { get; } = [];

    internal HostPhase Phase { get; private set; } = HostPhase.On;

    /// <summary>When the phase ends, in seconds.</summary>
    internal double Until { get; private set; } = double.MaxValue;

    internal int Boots { get; private set; }

    /// <summary>CPU in use, in cores.</summary>
    internal double Used { get; set; }

    internal long FreeMiB =>
        Setup.MemoryMiB - Nodes.Sum(node => node.GuestMiB) - Arriving.Sum(move => move.Node.GuestMiB);

    internal double Booked => Nodes.Sum(node => node.Work.Setup.Vcpus)
        + Arriving.Sum(move => move.Node.Work.Setup.Vcpus);

    internal bool IsEmpty => Nodes.Count == 0 && Arriving.Count == 0;

    internal double Watts => Phase switch
    {
        HostPhase.On => Setup.Power.At(Used / Setup.Cores),
        HostPhase.FallsAsleep => Setup.Power.Idle,
        HostPhase.Asleep => Setup.SleepWatts,
        HostPhase.Boots => Setup.Power.Full,
        _ => 0,
    };

    internal void Sleep(double now) => (Phase, Until) = (HostPhase.FallsAsleep, now + Setup.FallAsleep.TotalSeconds);

    internal void Boot(double now)
    {
        (Phase, Until) = (HostPhase.Boots, now + Setup.Boot.TotalSeconds);
        Boots++;
    }

    internal void Die(double now, TimeSpan repair) => (Phase, Until) = (HostPhase.Dead, now + repair.TotalSeconds);

    /// <summary>Goes on to the next phase when its time has come.</summary>
    internal void Tick(double now)
    {
        if (now < Until) return;
        if (Phase == HostPhase.Dead) Boot(now);
        else (Phase, Until) = (Phase == HostPhase.Boots ? HostPhase.On : HostPhase.Asleep, double.MaxValue);
    }
}
