namespace VioActors.Simulation.DataCenter;

/// <summary>Places on the first host with room and never moves: the DVFS baseline.</summary>
public sealed class FirstFit : IConsolidation
{
    /// <inheritdoc/>
    public int Place(int vm, StartView view)
    {
        for (var host = 0; host < view.Hosts.Count; host++)
            if (view.Fits(vm, host)) return host;
        return -1;
    }

    /// <inheritdoc/>
    public IReadOnlyList<VmMove> Decide(DataCenterView view) => [];
}
