namespace VioActors.Simulation.DataCenter;

/// <summary>What is known at the first placement: all ask for their full speed, memory and link share.</summary>
public sealed class StartView(IReadOnlyList<HostType> hosts, IReadOnlyList<VmType> vms)
{
    private readonly double[] _mips = new double[hosts.Count];
    private readonly double[] _memory = new double[hosts.Count];
    private readonly int[] _count = new int[hosts.Count];

    /// <summary>The hosts.</summary>
    public IReadOnlyList<HostType> Hosts { get; } = hosts;

    /// <summary>The machines.</summary>
    public IReadOnlyList<VmType> Vms { get; } = vms;

    /// <summary>MIPS promised on a host.</summary>
    public double Promised(int host) => _mips[host];

    /// <summary>Whether a machine has room at full speed.</summary>
    public bool Fits(int vm, int host) =>
        Hosts[host].CoreMips >= Vms[vm].Mips
        && Hosts[host].Mips - _mips[host] >= Vms[vm].Mips
        && HostType.MemoryMegabytes - _memory[host] >= Vms[vm].MemoryMegabytes
        && _count[host] < HostType.MachinesPerLink;

    internal void Add(int vm, int host)
    {
        _mips[host] += Vms[vm].Mips;
        _memory[host] += Vms[vm].MemoryMegabytes;
        _count[host]++;
    }
}
