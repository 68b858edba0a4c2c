using VioActors.Contracts.Agents;

namespace VioActors.Bench.Overheads;

/// <summary>The move of the whole environment, all nodes together.</summary>
/// <param name="Nodes">The hypervisor's figures, one per node.</param>
/// <param name="Seconds">From the first request to the end of the last operation, seen by polling.</param>
/// <param name="Rounds">Rounds that the program did meanwhile.</param>
internal sealed record WholeMove(IReadOnlyList<MoveStatistics> Nodes, double Seconds, int Rounds);

/// <summary>
/// A run of the program in which its environment moved, and the runs before and after it: each on one of the two hosts,
/// which are not equally fast.
/// </summary>
/// <param name="Before">Seconds of the run before, on the host it left.</param>
/// <param name="Seconds">Seconds with the move.</param>
/// <param name="After">Seconds of the run after, on the host it went to.</param>
/// <param name="Move">The move.</param>
internal sealed record MovedRun(double Before, double Seconds, double After, WholeMove Move)
{
    /// <summary>What the move cost, seconds.</summary>
    public double Overhead => Seconds - ((Before + After) / 2);
}

/// <summary>The size of what was measured.</summary>
/// <param name="Guests">Nodes of the environment.</param>
/// <param name="Rounds">Rounds in a run.</param>
/// <param name="HeldMiB">Memory that the program goes over in each round, per guest.</param>
internal sealed record ProgramSize(int Guests, int Rounds, int HeldMiB);
