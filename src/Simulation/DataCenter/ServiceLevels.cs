namespace VioActors.Simulation.DataCenter;

/// <summary>
/// Service level accounting of Beloglazov and Buyya 2012 with CloudSim's ratio of sums: states hold from one
/// measurement to the next; of several at the same time the last counts.
/// </summary>
internal sealed class ServiceLevels(int hosts, int vms)
{
    private readonly HostEntry[] _hosts = new HostEntry[hosts];
    private readonly VmEntry[] _vms = new VmEntry[vms];
    private readonly double[] _activeOf = new double[hosts];
    private readonly double[] _shortOf = new double[hosts];
    private readonly double[] _askedOf = new double[vms];
    private readonly double[] _withheldOf = new double[vms];
    private double _unserved;

    private record struct HostEntry(bool Known, double Time, double Given, double Asked, bool WasActive);

    private record struct VmEntry(bool Known, double Time, double Given, double Asked, bool Moves);

    /// <summary>How often a host went from active to asleep; one that was never active counts once.</summary>
    public int Shutdowns { get; private set; }

    /// <summary>How often a host woke.</summary>
    public int Wakes { get; private set; }

    /// <summary>Share of active host time in which some demand was not met (SLATAH).</summary>
    public double ShortTime => Ratio(_shortOf.Sum(), _activeOf.Sum());

    /// <summary>Share of demand withheld from machines while they moved (PDM).</summary>
    public double Withheld => Ratio(_withheldOf.Sum(), _askedOf.Sum());

    /// <summary>Share of all demand that was not served, for whatever reason.</summary>
    public double Unserved => Ratio(_unserved, _askedOf.Sum());

    /// <summary>SLATAH as the paper defines it: the mean over hosts that were ever active.</summary>
    public double MeanShortTime => MeanRatio(_shortOf, _activeOf);

    /// <summary>PDM as the paper defines it: the mean over machines that ever asked.</summary>
    public double MeanWithheld => MeanRatio(_withheldOf, _askedOf);

    /// <summary>Records a host.</summary>
    public void Host(int host, double time, double given, double asked)
    {
        ref var last = ref _hosts[host];
        if (last.Known && last.Time < time) Close(host, last, time);
        var wasActive = !last.Known || (last.Time < time ? last.Given > 0 : last.WasActive);
        last = new HostEntry(Known: true, time, given, asked, wasActive);
    }

    /// <summary>Records a machine where it runs.</summary>
    public void Vm(int vm, double time, double given, double asked, bool moves)
    {
        ref var last = ref _vms[vm];
        if (last.Known && last.Time < time)
        {
            var span = time - last.Time;
            _askedOf[vm] += last.Asked * span;
            _unserved += Math.Max(0, last.Asked - last.Given) * span;
            if (last.Moves && last.Given < last.Asked) _withheldOf[vm] += (last.Asked - last.Given) * span;
        }

        last = new VmEntry(Known: true, time, given, asked, moves);
    }

    /// <summary>Ends the run: the last states count as changes, without a time of their own.</summary>
    public void End()
    {
        for (var host = 0; host < _hosts.Length; host++)
            if (_hosts[host].Known) Close(host, _hosts[host], _hosts[host].Time);
    }

    private void Close(int host, HostEntry entry, double time)
    {
        var active = entry.Given > 0;
        if (entry.WasActive && !active) Shutdowns++;
        if (!entry.WasActive && active) Wakes++;
        if (!active) return;
        _activeOf[host] += time - entry.Time;
        if (entry.Given < entry.Asked) _shortOf[host] += time - entry.Time;
    }

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;

    private static double MeanRatio(double[] parts, double[] wholes) =>
        parts.Zip(wholes).Where(pair => pair.Second > 0).Select(pair => pair.First / pair.Second)
            .DefaultIfEmpty().Average();
}
