namespace VioActors.Simulation.DataCenter;

/// <summary>The last samples of all machines; a ring.</summary>
internal sealed class SampleHistory(int vms)
{
    private readonly double[][] _rings =
        [.. Enumerable.Range(0, DataCenterView.HistoryLength).Select(_ => new double[vms])];
    private int _newest = -1;

    /// <summary>Rounds kept.</summary>
    public int Count { get; private set; }

    /// <summary>The sample of a machine, <paramref name="ago"/> rounds before the newest.</summary>
    public double At(int vm, int ago) =>
        ago >= 0 && ago < Count
            ? _rings[(_newest - ago + _rings.Length) % _rings.Length][vm]
            : throw new ArgumentOutOfRangeException(nameof(ago), ago, $"{Count} samples are kept.");

    /// <summary>Begins a round; the caller fills the span, one sample for each machine.</summary>
    public Span<double> Next()
    {
        _newest = (_newest + 1) % _rings.Length;
        Count = Math.Min(Count + 1, _rings.Length);
        return _rings[_newest];
    }
}
