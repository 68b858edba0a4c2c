namespace VioActors.Libvirt;

/// <summary>A host as libvirt sees it.</summary>
/// <param name="Hostname">Its name.</param>
/// <param name="Hypervisor">The driver, for example <c>QEMU</c>.</param>
/// <param name="Architecture">For example <c>x86_64</c>.</param>
/// <param name="Cpus">Processors online.</param>
/// <param name="MemoryBytes">Physical memory in bytes.</param>
/// <param name="LibvirtVersion">Version of libvirtd.</param>
/// <param name="HypervisorVersion">Version of QEMU; 0.0.0 when the driver has none.</param>
public sealed record HostInfo(string Hostname, string Hypervisor, string Architecture, int Cpus, long MemoryBytes,
    Version LibvirtVersion, Version HypervisorVersion);

/// <summary>What guests a host can run with one way of virtualisation; decides whether a domain may move
/// there.</summary>
/// <param name="VirtType"><c>qemu</c> (emulated) or <c>kvm</c>.</param>
/// <param name="Architecture">Guest architecture.</param>
/// <param name="MachineTypes">Machine types, aliases included, for example <c>pc-q35-7.2</c>.</param>
/// <param name="CpuModels">CPU models that guests can really get on this host.</param>
public sealed record GuestCapabilities(string VirtType, string Architecture, IReadOnlySet<string> MachineTypes,
    IReadOnlySet<string> CpuModels)
{
    /// <summary>Says why a domain with these pinned values cannot run here.</summary>
    /// <returns>Null when it can; otherwise a sentence for the user.</returns>
    public string? WhyNot(string machineType, string cpuModel)
    {
        if (!MachineTypes.Contains(machineType))
            return $"the host lacks machine type '{machineType}' for {VirtType} guests on {Architecture}";
        return CpuModels.Contains(cpuModel)
            ? null
            : $"the host cannot give {VirtType} guests the CPU model '{cpuModel}'";
    }
}
