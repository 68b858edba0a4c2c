namespace VioActors.Simulation.DataCenter;

/// <summary>
/// Energy below which no policy can serve all demand: in each interval all demand runs at the best watts per MIPS that
/// any host reaches, as if machines could be split and moved for free. Machines end as in <see cref="DataCenterRun"/>.
/// </summary>
public static class LowerBound
{
    /// <summary>The bound over the billed time of a day, in kWh.</summary>
    public static double EnergyKwh(IReadOnlyList<CpuTrace> traces)
    {
        var best = new[] { HostType.G4, HostType.G5 }.Min(WattsPerMips);
        var wattSeconds = 0.0;
        for (var vm = 0; vm < traces.Count; vm++)
        {
            var mips = VmType.Of(vm, traces.Count).Mips;
            var samples = traces[vm].Samples;
            for (var at = 1; at < CpuTrace.Length - 1; at++)
            {
                if (samples[at] == 0 && samples[at + 1] == 0) break;
                wattSeconds += (samples[at] + samples[at + 1]) / 2 * mips * best * CpuTrace.IntervalSeconds;
            }
        }

        return wattSeconds / 3.6e6;
    }

    private static double WattsPerMips(HostType type) =>
        Enumerable.Range(1, 10).Min(tenth => type.Watts[tenth] / (type.Mips * tenth / 10));
}
