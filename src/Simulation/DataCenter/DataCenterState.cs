namespace VioActors.Simulation.DataCenter;

/// <summary>Who is where, and what was measured last. Owned by one run.</summary>
internal sealed class DataCenterState
{
    public DataCenterState(IReadOnlyList<HostType> hosts, IReadOnlyList<VmType> vms)
    {
        Hosts = hosts;
        Vms = vms;
        On = [.. hosts.Select(_ => new List<int>())];
        Incoming = [.. hosts.Select(_ => new List<int>())];
        HostOf = new int[vms.Count];
        Array.Fill(HostOf, -1);
        Moving = new bool[vms.Count];
        Demand = new double[vms.Count];
        Given = new double[vms.Count];
        Used = new double[hosts.Count];
        UsedBefore = new double[hosts.Count];
        History = new SampleHistory(vms.Count);
    }

    public IReadOnlyList<HostType> Hosts { get; }

    public IReadOnlyList<VmType> Vms { get; }

    /// <summary>Machines of each host, those that are on their way to it included.</summary>
    public List<int>[] On { get; }

    /// <summary>Machines on their way to each host.</summary>
    public List<int>[] Incoming { get; }

    /// <summary>Where each machine runs; -1 when it has ended.</summary>
    public int[] HostOf { get; }

    public bool[] Moving { get; }

    /// <summary>What each machine asks for, in MIPS.</summary>
    public double[] Demand { get; }

    /// <summary>What each machine got where it runs, in MIPS.</summary>
    public double[] Given { get; }

    public double[] Used { get; }

    public double[] UsedBefore { get; }

    public SampleHistory History { get; }
}
