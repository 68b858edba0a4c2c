using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Prediction;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>What a node will need, in cores.</summary>
internal sealed class VioForecast(VioOptions options)
{
    // A node that uses this part of what it was given may want any amount more.
    private const double Saturated = 0.95;
    private readonly DecayedPercentile _high = new(options.Percentile, options.HalfLife);
    private readonly DecayedPercentile _middle = new(0.5, options.HalfLife);

    /// <summary>
    /// The decayed percentile and a margin. Who was short of CPU counts with all its virtual CPUs: unlike a wish
    /// scaled from what it has now, this does not depend on where it is.
    /// </summary>
    internal double Cores(NodeInventory node)
    {
        if (node.Samples.Newest.IsEmpty) return node.Vcpus;
        return _middle.Of(node.Samples, one => one.Utilization) >= Saturated
            ? node.Vcpus
            : Math.Min(node.Vcpus, _high.Of(node.Samples, one => one.CpuUsedCores) * (1 + options.Margin));
    }

    /// <summary>What it surely used all through the hold time; 0 when it was not seen for so long.</summary>
    internal double SteadyCores(NodeInventory node)
    {
        var samples = node.Samples.Newest;
        if (samples.IsEmpty) return 0;
        var since = samples[0].At - options.Hold;
        return samples[^1].At > since ? 0 : samples.Where(one => one.At > since).Min(one => one.CpuUsedCores);
    }
}
