namespace VioActors.Simulation.DataCenter;

/// <summary>
/// Decides where machines go. Pure: the same view gives the same moves, and nothing but the view and what this policy
/// decided before goes in. One instance serves one run.
/// </summary>
public interface IConsolidation
{
    /// <summary>The host of a machine that starts; -1 when none has room.</summary>
    int Place(int vm, StartView view);

    /// <summary>The moves to begin now; called every 300 s, when no move is under way.</summary>
    IReadOnlyList<VmMove> Decide(DataCenterView view);
}

/// <summary>One machine to another host.</summary>
/// <param name="Vm">The machine's index.</param>
/// <param name="To">The host's index.</param>
public readonly record struct VmMove(int Vm, int To);
