using System.Collections.Immutable;

namespace VioActors.Simulation.World;

/// <summary>What one policy did with a fleet.</summary>
/// <param name="Policy">Which policy; <c>none</c>: nobody adapted.</param>
/// <param name="Seconds">How long the run was, in virtual seconds.</param>
/// <param name="EnergyKwh">Energy of all hosts.</param>
/// <param name="Environments">Each environment, in the order of the file.</param>
public sealed record WorldReport(
    string Policy, double Seconds, double EnergyKwh, ImmutableArray<EnvironmentReport> Environments)
{
    /// <summary>Why the run ended early, and when; null: it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>Mean time from wanted start to end of environments that ended, in seconds; null: none did.</summary>
    public double? AverageSeconds { get; init; }

    /// <summary>From the first start to the last end; null: an environment that ends by itself has not.</summary>
    public double? OverallSeconds { get; init; }

    /// <summary>Nodes that were copied to another host, to the end.</summary>
    public int Migrations { get; init; }

    /// <summary>Nodes that the policy sent back within 10 minutes to the host they had left.</summary>
    public int Undone { get; init; }

    /// <summary>The first 10,000 of them, in order.</summary>
    public ImmutableArray<MoveReport> Moves { get; init; } = [];

    /// <summary>Sum of downtimes of all copies, in seconds.</summary>
    public double DowntimeSeconds { get; init; }

    /// <summary>
    /// SLATAH x PDM (Beloglazov and Buyya 2012), in per cent: the part of active host time with too little CPU,
    /// times the part of wanted CPU that moves withheld.
    /// </summary>
    public double SlavPercent { get; init; }

    /// <summary>Over all nodes: time, weighed by the part of the wanted CPU that was not served, in seconds.</summary>
    public double LostServiceSeconds { get; init; }

    /// <summary>Part of requests of services that were lost, in per cent; null: there are no services.</summary>
    public double? RequestsLostPercent { get; init; }

    /// <summary>Part of the CPU given that was not used, 0 to 1.</summary>
    public double CpuSlack { get; init; }

    /// <summary>Part of the memory given that was not used, 0 to 1.</summary>
    public double MemorySlack { get; init; }

    /// <summary>Rounds of all managers: each looked, planned and checked.</summary>
    public long Rounds { get; init; }

    /// <summary>Plans that managers kept: each changes something else than the one before.</summary>
    public int Plans { get; init; }

    /// <summary>Changes of plans that were done.</summary>
    public int ChangesDone { get; init; }

    /// <summary>Changes that were refused: what they were planned for was not so any more.</summary>
    public int ChangesRefused { get; init; }

    /// <summary>Changes that failed.</summary>
    public int ChangesFailed { get; init; }

    /// <summary>How often a node was left alone for some time, because a change of it was refused or failed.</summary>
    public int NodesHeld { get; init; }

    /// <summary>Requests on offers of other sites that these refused, each for a whole environment.</summary>
    public int OffersRefused { get; init; }

    /// <summary>Hosts that died.</summary>
    public int HostDeaths { get; init; }

    /// <summary>Nodes that began again elsewhere.</summary>
    public int Restarts { get; init; }

    /// <summary>Hosts sent to sleep.</summary>
    public int Sleeps { get; init; }

    /// <summary>Hosts that booted.</summary>
    public int Boots { get; init; }

    /// <summary>Length of a piece of the curves, in seconds.</summary>
    public double PieceSeconds { get; init; }

    /// <summary>Power of all hosts in each piece, in watts.</summary>
    public ImmutableArray<double> Watts { get; init; } = [];

    /// <summary>For each host the part of its CPU in use in each piece; below 0: it was not on.</summary>
    public ImmutableArray<HostCurve> Hosts { get; init; } = [];
}

/// <summary>An environment after the run.</summary>
/// <param name="Name">Which.</param>
/// <param name="Kind"><c>phased</c>, <c>service</c> or <c>traces</c>.</param>
/// <param name="CompletionSeconds">From its wanted start to its end; null: it has not ended.</param>
/// <param name="LostServiceSeconds">As in <see cref="WorldReport.LostServiceSeconds"/>, its nodes only.</param>
/// <param name="Migrations">Its nodes that moved.</param>
/// <param name="State"><c>ended</c>, <c>runs</c> or <c>waits</c>: it has never had hosts.</param>
public sealed record EnvironmentReport(
    string Name, string Kind, double? CompletionSeconds, double LostServiceSeconds, int Migrations, string State);

/// <summary>Load of a host over time.</summary>
/// <param name="Host">Its id.</param>
/// <param name="Load">One value for each piece.</param>
public sealed record HostCurve(string Host, ImmutableArray<double> Load);

/// <summary>A node that moved.</summary>
/// <param name="AtSeconds">When it arrived, in virtual seconds.</param>
/// <param name="Environment">Whose node.</param>
/// <param name="From">The host it left.</param>
/// <param name="To">The host it is on now.</param>
/// <param name="Crosses">Whether these are in different sites.</param>
/// <param name="HostsAfter">How many hosts its environment is on then.</param>
public sealed record MoveReport(
    double AtSeconds, string Environment, string From, string To, bool Crosses, int HostsAfter);
