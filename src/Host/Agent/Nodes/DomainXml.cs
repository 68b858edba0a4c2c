using System.Xml.Linq;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// The hypervisor's description of a node: pinned machine type and CPU model, direct kernel boot, one port, its
/// overlay when it has a disk, its serial line in a file, a balloon with statistics, and no other device. Pure; the XML
/// writer escapes whatever is in names and command lines.
/// </summary>
/// <param name="files">Where things are.</param>
/// <param name="domainType">libvirt's domain type.</param>
/// <param name="cpu">Units of weight and quota; null where libvirt has none.</param>
/// <param name="port">How the node reaches the switch.</param>
internal sealed class DomainXml(NodeFiles files, string domainType, CpuSettings? cpu, PortXml port)
{
    /// <summary>The XML for a node.</summary>
    public string Of(NodeShape shape)
    {
        var domain = Domain(shape);
        if (port.Extension(shape, isEmulated: domainType == "qemu") is { } extension)
            domain.Add(new XAttribute(XNamespace.Xmlns + "qemu", PortXml.Qemu), extension);
        return domain.ToString();
    }

    private XElement Domain(NodeShape shape) => new("domain",
        new XAttribute("type", domainType),
        new XElement("name", shape.Node.DomainName),
        new XElement("uuid", shape.Node.Value),
        new XElement("title", $"{shape.Environment} {shape.Name}"),
        MiB("memory", shape.MaxMemoryMiB),
        MiB("currentMemory", shape.MemoryMiB),
        port.Memory(),
        new XElement("vcpu", shape.Vcpus),
        CpuTune(shape),
        Boot(shape),
        new XElement("features", new XElement("acpi")),
        new XElement("cpu",
            new XAttribute("mode", "custom"), new XAttribute("match", "exact"), new XAttribute("check", "none"),
            new XElement("model", new XAttribute("fallback", "forbid"), shape.CpuModel)),
        new XElement("on_poweroff", "destroy"),
        new XElement("on_reboot", "restart"),
        new XElement("on_crash", "destroy"),
        new XElement("devices",
            Disk(shape),
            port.Device(shape),
            new XElement("serial",
                new XAttribute("type", "file"),
                new XElement("source",
                    new XAttribute("path", files.SerialLog(shape.Node)), new XAttribute("append", "on"))),
            new XElement("controller", new XAttribute("type", "usb"), new XAttribute("model", "none")),
            new XElement("memballoon",
                new XAttribute("model", "virtio"),
                new XElement("stats", new XAttribute("period", 1)))));

    private XElement? CpuTune(NodeShape shape)
    {
        if (cpu is null) return null;
        var tune = new XElement("cputune", new XElement("shares", cpu.Shares(shape.CpuWeight)));
        if (shape.CpuQuotaPercent is { } percent)
            tune.Add(
                new XElement("period", CpuSettings.PeriodUs),
                new XElement("quota", CpuSettings.QuotaUs(percent, shape.Vcpus)));
        return tune;
    }

    private XElement Boot(NodeShape shape) => new("os",
        new XElement("type", new XAttribute("arch", "x86_64"), new XAttribute("machine", shape.MachineType), "hvm"),
        new XElement("kernel", files.Image(shape.Image.Kernel)),
        new XElement("initrd", files.Image(shape.Image.Initrd)),
        new XElement("cmdline", shape.CommandLine));

    // The base is shared and read-only: libvirt must not change its owner. cache=none makes a move safe to libvirt.
    private XElement? Disk(NodeShape shape) => shape.Image.Disk is not { } image ? null : new XElement("disk",
        new XAttribute("type", "file"), new XAttribute("device", "disk"),
        new XElement("driver",
            new XAttribute("name", "qemu"), new XAttribute("type", "qcow2"), new XAttribute("cache", "none")),
        new XElement("source", new XAttribute("file", files.Disk(shape.Node))),
        new XElement("backingStore",
            new XAttribute("type", "file"),
            new XElement("format", new XAttribute("type", OverlayDisk.CheckedFormat(image))),
            new XElement("source",
                new XAttribute("file", files.Image(image)),
                new XElement("seclabel", new XAttribute("model", "dac"), new XAttribute("relabel", "no"))),
            new XElement("backingStore")),
        new XElement("target", new XAttribute("dev", "vda"), new XAttribute("bus", "virtio")));

    private static XElement MiB(string name, int mebibytes) => new(name, new XAttribute("unit", "MiB"), mebibytes);
}

/// <summary>Our CPU weight and quota in the units of the host.</summary>
/// <param name="IsCgroup2">Whether the host has the unified hierarchy only.</param>
internal sealed record CpuSettings(bool IsCgroup2)
{
    /// <summary>Length of a quota's period, microseconds.</summary>
    public const int PeriodUs = 100_000;

    private const int ShortestQuotaUs = 1000;
    private const int Normal = 100;

    /// <summary>What this host has.</summary>
    public static CpuSettings Detect() => new(File.Exists("/sys/fs/cgroup/cgroup.controllers"));

    /// <summary>Refuses what a host without weights and quotas would only pretend.</summary>
    /// <exception cref="HypervisorException">It has none, and something other than the normal is asked for.</exception>
    public static void Require(CpuSettings? cpu, NodeId node, int weight, int? quotaPercent)
    {
        if (cpu is null && (weight != Normal || quotaPercent is not null))
            throw new HypervisorException(
                "no-cpu-limits",
                $"Node {node} wants a CPU weight of {weight} and a quota of {quotaPercent?.ToString() ?? "none"}, and "
                    + "libvirt's session daemon has no control groups to keep either.",
                $"Use weight {Normal} and no quota, or a host whose agent is root.");
    }

    /// <summary>Weight 1 to 10000, 100 is normal: cpu.weight has this scale; cpu.shares has 1024 for normal.</summary>
    public long Shares(int weight) => IsCgroup2 ? weight : Math.Clamp(weight * 1024L / 100, 2, 262_144);

    /// <summary>Quota per virtual CPU and period for a limit of all of them together.</summary>
    public static long QuotaUs(int percentOfOneCore, int vcpus) =>
        Math.Max(ShortestQuotaUs, (long)percentOfOneCore * PeriodUs / 100 / vcpus);
}
