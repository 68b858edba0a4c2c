using System.Runtime.InteropServices;
using System.Xml;
using System.Xml.Linq;
using VioActors.Libvirt.Calls;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>Questions about the host. Failures and limits as in <see cref="DomainOperations"/>.</summary>
public sealed class HostOperations
{
    private const long XmlLimit = 16 << 20;
    private readonly ConnectionCalls calls;

    internal HostOperations(ConnectionCalls calls) => this.calls = calls;

    /// <summary>Size, versions and architecture.</summary>
    public Task<HostInfo> GetInfoAsync(CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("read host information", null), ReadInfo, cancel);

    /// <summary>Machine types and CPU models for guests.</summary>
    /// <param name="virtType"><c>qemu</c> or <c>kvm</c>.</param>
    /// <param name="architecture">Guest architecture.</param>
    /// <param name="machineType">The machine type whose CPU models are asked for; null for the host's default.</param>
    /// <param name="cancel">Stops the waiting.</param>
    /// <exception cref="LibvirtException">Also when the host cannot run such guests at all.</exception>
    public Task<GuestCapabilities> GetGuestCapabilitiesAsync(string virtType = "qemu", string architecture = "x86_64",
        string? machineType = null, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName($"read capabilities for {virtType} guests", null), (connection, call) =>
        {
            var host = Parse(NativeText.Take(NativeConnect.virConnectGetCapabilities(connection), call));
            var guest = Parse(NativeText.Take(NativeConnect.virConnectGetDomainCapabilities(
                connection, null, architecture, machineType, virtType, 0), call));
            return new GuestCapabilities(
                virtType, architecture, MachineTypes(host, architecture, virtType), CpuModels(guest));
        }, cancel);

    private static HostInfo ReadInfo(ConnectHandle connection, CallName call)
    {
        NativeFailure.Check(NativeConnect.virNodeGetInfo(connection, out var node), call);
        NativeFailure.Check(NativeConnect.virConnectGetLibVersion(connection, out var libvirt), call);
        NativeFailure.Check(NativeConnect.virConnectGetVersion(connection, out var hypervisor), call);
        var hostname = NativeText.Take(NativeConnect.virConnectGetHostname(connection), call);
        var type = Marshal.PtrToStringUTF8(NativeConnect.virConnectGetType(connection)) ?? "";
        var xml = Parse(NativeText.Take(NativeConnect.virConnectGetCapabilities(connection), call));
        var architecture = xml.Root?.Element("host")?.Element("cpu")?.Element("arch")?.Value ?? "";
        return new HostInfo(hostname, type, architecture, (int)node.Cpus, (long)node.MemoryKib * 1024,
            VersionOf(libvirt), VersionOf(hypervisor));
    }

    /// <summary>libvirt packs a version as major * 1000000 + minor * 1000 + release.</summary>
    private static Version VersionOf(nuint packed) =>
        new((int)(packed / 1_000_000), (int)(packed / 1000 % 1000), (int)(packed % 1000));

    private static HashSet<string> MachineTypes(XDocument host, string architecture, string virtType)
    {
        var arch = host.Root!.Elements("guest").Elements("arch")
            .Where(a => (string?)a.Attribute("name") == architecture).ToList();
        // A <domain> may list machine types of its own; otherwise those of its <arch> hold.
        var own = arch.Elements("domain").Where(d => (string?)d.Attribute("type") == virtType)
            .Elements("machine").ToList();
        return [.. (own.Count > 0 ? own : arch.Elements("machine")).SelectMany(Names)];

        static IEnumerable<string> Names(XElement machine) =>
            (string?)machine.Attribute("canonical") is { } canonical ? [machine.Value, canonical] : [machine.Value];
    }

    private static HashSet<string> CpuModels(XDocument guest) =>
        [.. guest.Root!.Elements("cpu").Elements("mode").Where(m => (string?)m.Attribute("name") == "custom")
            .Elements("model").Where(m => (string?)m.Attribute("usable") != "no").Select(m => m.Value)];

    private static XDocument Parse(string xml)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = XmlLimit,
        };
        using var reader = XmlReader.Create(new StringReader(xml), settings);
        return XDocument.Load(reader);
    }
}
