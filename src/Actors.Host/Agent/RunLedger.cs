using System.Collections.Immutable;
using VioActors.Contracts;

namespace VioActors.Actors.Host.Agent;

/// <summary>What orders the decisions about a node: the site's generation first, then the node's run number.</summary>
/// <param name="Generation">Rises when a site is restored from an older copy of its store.</param>
/// <param name="Run">Rises with every place, start, stop and move of the node.</param>
public readonly record struct RunPair(long Generation, long Run) : IComparable<RunPair>
{
    /// <inheritdoc/>
    public int CompareTo(RunPair other) =>
        Generation != other.Generation ? Generation.CompareTo(other.Generation) : Run.CompareTo(other.Run);

    /// <summary>Whether the left pair was decided before the right one.</summary>
    public static bool operator <(RunPair left, RunPair right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left pair was decided after the right one.</summary>
    public static bool operator >(RunPair left, RunPair right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left pair was not decided after the right one.</summary>
    public static bool operator <=(RunPair left, RunPair right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left pair was not decided before the right one.</summary>
    public static bool operator >=(RunPair left, RunPair right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"generation {Generation} run {Run}";
}

/// <summary>What a host remembers of a node beside its domain; small, and on disk before the host acts.</summary>
/// <param name="Node">The node.</param>
/// <param name="Pair">The highest pair seen.</param>
/// <param name="Environment">Whose node it is; null while no command said it.</param>
/// <param name="SentMove">The last move away that this host began; asked for again, it is not begun again.</param>
/// <param name="Removed">Nothing is kept here but the pair, which still refuses late commands.</param>
public sealed record RunRecord(
    NodeId Node, RunPair Pair, EnvironmentId? Environment = null, OperationId? SentMove = null, bool Removed = false)
{
    /// <summary>
    /// The record after a command: the command's own when nothing higher is known (unknown parts are kept from before),
    /// else the known one, by which the caller sees that the command is stale.
    /// </summary>
    public static RunRecord Raise(RunRecord? known, RunRecord command)
    {
        if (known is null) return command;
        if (command.Pair < known.Pair) return known;
        return command with
        {
            Environment = command.Environment ?? known.Environment,
            SentMove = command.SentMove ?? known.SentMove,
        };
    }
}

/// <summary>The host's memory of runs. Thread-safe; one writer process.</summary>
public interface IRunLedger
{
    /// <summary>Everything known.</summary>
    ImmutableArray<RunRecord> All { get; }

    /// <summary>What is known of a node, or null.</summary>
    RunRecord? Find(NodeId node);

    /// <summary>
    /// Applies <see cref="RunRecord.Raise"/> and returns the result, which is durable when the task ends.
    /// </summary>
    /// <exception cref="HypervisorException">It could not be stored: the command must not be carried out.</exception>
    Task<RunRecord> RaiseAsync(RunRecord command, CancellationToken cancel);
}
