namespace VioActors.Simulation.DataCenter;

/// <summary>What a policy sees at one moment: demands, their history, who is where. Valid during one call.</summary>
public sealed class DataCenterView
{
    /// <summary>How many samples of a machine are kept.</summary>
    public const int HistoryLength = 30;

    private readonly DataCenterState _state;

    internal DataCenterView(DataCenterState state) => _state = state;

    /// <summary>The hosts.</summary>
    public IReadOnlyList<HostType> Hosts => _state.Hosts;

    /// <summary>The machines; some may have ended.</summary>
    public IReadOnlyList<VmType> Vms => _state.Vms;

    /// <summary>Machines of a host, in the order of their arrival.</summary>
    public IReadOnlyList<int> On(int host) => _state.On[host];

    /// <summary>What a machine asks for now, in MIPS.</summary>
    public double Demand(int vm) => _state.Demand[vm];

    /// <summary>What a host gave in the last measurement, in MIPS; 0 is a host that sleeps.</summary>
    public double Used(int host) => _state.Used[host];

    /// <summary>CPU shares of a machine that were seen, newest first; index below <see cref="Samples"/>.</summary>
    public double Seen(int vm, int ago) => _state.History.At(vm, ago);

    /// <summary>How many samples were seen, at most <see cref="HistoryLength"/>.</summary>
    public int Samples => _state.History.Count;
}
