using VioActors.Contracts.Agents;

namespace VioActors.Bench.Overheads;

/// <summary>The move of the whole environment, all nodes together.</summary>
/// <param name="Nodes">The hypervisor's figures, one per node.</param>
/// <param name="Seconds">From the first request to the end of the last operation, seen by polling.</param>
/// <param name="Rounds">Rounds that the program did meanwhile.</param>
internal sealed record WholeMove(IReadOnlyList<MoveStatistics> Nodes, double Seconds, int Rounds);

/// <summary>A run of the program without a move and the next one, in which its environment moved.</summary>
/// <param name="Still">Seconds without.</param>
/// <param name="Moved">Seconds with.</param>
/// <param name="Move">The move.</param>
internal sealed record RunPair(double Still, double Moved, WholeMove Move)
{
    /// <summary>What the move cost, seconds.</summary>
    public double Overhead => Moved - Still;
}

/// <summary>The size of what was measured.</summary>
/// <param name="Guests">Nodes of the environment.</param>
/// <param name="Rounds">Rounds in a run.</param>
/// <param name="HeldMiB">Memory that the program goes over in each round, per guest.</param>
internal sealed record ProgramSize(int Guests, int Rounds, int HeldMiB);
