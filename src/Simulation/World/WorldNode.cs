using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Simulation.World;

/// <summary>A node as it is now.</summary>
internal sealed class WorldNode
{
    /// <summary>CPU weight of a node when nobody set another.</summary>
    internal const int UsualWeight = 100;

    internal required NodeId Id { get; init; }

    internal required WorldWork Work { get; init; }

    /// <summary>For people: its environment and its number in it.</summary>
    internal string Name { get; init; } = "";

    /// <summary>Rises with every decision about it: a change planned for another run is stale.</summary>
    internal long Run { get; set; } = 1;

    /// <summary>The amounts it started with: a manager may change these.</summary>
    internal NodeAmount Written { get; set; } = new(0, UsualWeight, null);

    /// <summary>The host it runs on; null while it has none.</summary>
    internal WorldHost? Host { get; set; }

    internal SampleHistory Samples { get; set; } = SampleHistory.Empty;

    internal DateTimeOffset? LastMoved { get; set; }

    /// <summary>The host it left last, and when, in seconds: for moves that are undone.</summary>
    internal (WorldHost Host, double At)? Left { get; set; }

    internal int Weight { get; set; } = UsualWeight;

    internal int? QuotaPercent { get; set; }

    /// <summary>Memory it has now.</summary>
    internal long GuestMiB { get; set; }

    internal double MemoryUsedMiB { get; set; }

    /// <summary>CPU it wants now, in cores; may be more than its virtual CPUs.</summary>
    internal double Demand { get; set; }

    /// <summary>CPU it gets now, in cores.</summary>
    internal double Gets { get; set; }

    /// <summary>What it gets when all are busy, in cores.</summary>
    internal double Given { get; set; } = 1;

    /// <summary>What of <see cref="Gets"/> is of use: less while it is copied, stands still or swaps.</summary>
    internal double Speed { get; set; }

    /// <summary>What moving takes of what it could have had, in cores.</summary>
    internal double Withheld { get; set; }

    /// <summary>Seconds that it will stand still.</summary>
    internal double Stall { get; set; }

    /// <summary>Seconds in which what it gets is of no use: its environment waits for nodes that moved.</summary>
    internal double Lag { get; set; }

    /// <summary>When it may start elsewhere, in seconds; counts only without a host.</summary>
    internal double RestartAt { get; set; }

    /// <summary>The copy of it that is under way.</summary>
    internal WorldMove? Move { get; set; }

    /// <summary>Whether its environment goes to another site and nobody copies it there now.</summary>
    internal bool IsBehind => Move is null && Host is { } host && host.Site != Work.Site;

    /// <summary>The amounts it has now.</summary>
    internal NodeAmount Amounts => new((int)GuestMiB, Weight, QuotaPercent);

    /// <summary>The most it can get, in cores.</summary>
    internal double Limit => Math.Min(Work.Setup.Vcpus, QuotaPercent is { } quota ? quota / 100.0 : double.MaxValue);

    /// <summary>Somebody gives it other amounts; null leaves one as it is.</summary>
    /// <param name="weight">CPU weight.</param>
    /// <param name="quotaPercent">CPU limit, percent of one core; 0: none.</param>
    /// <param name="guestMiB">Memory.</param>
    internal void Set(int? weight, int? quotaPercent, long? guestMiB)
    {
        Run++;
        Weight = weight ?? Weight;
        QuotaPercent = quotaPercent is { } quota ? quota == 0 ? null : quota : QuotaPercent;
        GuestMiB = guestMiB ?? GuestMiB;
    }
}

/// <summary>A node that is copied to another host.</summary>
internal sealed class WorldMove(WorldNode node, WorldHost from, WorldHost to, PreCopy copy)
{
    internal WorldNode Node { get; } = node;

    internal WorldHost From { get; } = from;

    internal WorldHost To { get; } = to;

    internal PreCopy Copy { get; } = copy;

    /// <summary>Whether it is copied now; else it waits for others to end.</summary>
    internal bool Runs { get; set; }

    internal bool Crosses => From.Site != To.Site;

    /// <summary>Whether it is over, and how.</summary>
    internal MoveEnd End { get; set; }
}

/// <summary>How a copy ended.</summary>
internal enum MoveEnd
{
    /// <summary>It goes on.</summary>
    NotYet,

    /// <summary>The node runs where it went.</summary>
    Arrived,

    /// <summary>It broke off: it failed, a host died, or its environment ended.</summary>
    Failed,
}
