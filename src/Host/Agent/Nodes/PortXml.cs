using System.Xml.Linq;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// The one port of a node in the hypervisor's description of it: the node's own TAP, or a socket on which its QEMU
/// listens for the switch. Pure.
/// </summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Directory">Of the sockets.</param>
internal sealed record PortXml(string Kind, string Directory)
{
    /// <summary>A private bridge; needs root.</summary>
    public const string Joint = "joint";

    private const string Stream = "stream";
    private const string VhostUser = "vhost-user";

    // Behind libvirt's root ports, which begin at 0x1 and take one slot for each eight devices.
    private const string StreamSlot = "0x10";

    /// <summary>All kinds, as in the agent's options and in the switch's wanted state.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Joint, Stream, VhostUser];

    /// <summary>libvirt's extensions for QEMU.</summary>
    public static XNamespace Qemu { get; } = "http://libvirt.org/schemas/domain/qemu/1.0";

    /// <summary>Whether the machine listens on a socket.</summary>
    public bool HasSocket => Kind != Joint;

    /// <summary>File name of a node's socket.</summary>
    public static string NameOf(NodeId node) => NodeId.From(node.Value).Value;

    /// <summary>A node's socket.</summary>
    public string SocketOf(NodeId node) => Path.Combine(Directory, NameOf(node));

    /// <summary>Memory that the switch may map; null where it need not.</summary>
    public XElement? Memory() => Kind != VhostUser ? null : new XElement("memoryBacking",
        new XElement("source", new XAttribute("type", "memfd")),
        new XElement("access", new XAttribute("mode", "shared")));

    /// <summary>The device; null where libvirt knows none of this kind.</summary>
    public XElement? Device(NodeShape shape) => Kind switch
    {
        // The switch made this TAP, silent and in its place: libvirt opens it and changes nothing.
        Joint => Interface("ethernet", shape, new XElement("target",
            new XAttribute("dev", shape.Node.InterfaceName('q')), new XAttribute("managed", "no"))),
        VhostUser => Interface("vhostuser", shape, new XElement("source",
            new XAttribute("type", "unix"), new XAttribute("path", SocketOf(shape.Node)),
            new XAttribute("mode", "server"))),
        _ => null,
    };

    /// <summary>What libvirt itself cannot say, for the end of the domain; null for nothing.</summary>
    /// <param name="shape">The node.</param>
    /// <param name="isEmulated">Whether the processor is, too: QEMU 7.2 ends then when a device on vhost-user has
    /// interrupts of its own.</param>
    public XElement? Extension(NodeShape shape, bool isEmulated) => Kind switch
    {
        Stream => new XElement(Qemu + "commandline",
            Argument("-netdev"),
            Argument($"stream,id=vio0,server=on,addr.type=unix,addr.path={Escaped(SocketOf(shape.Node))}"),
            Argument("-device"),
            Argument($"virtio-net-pci,netdev=vio0,mac={Escaped(shape.Mac)},bus=pcie.0,addr={StreamSlot}")),
        VhostUser when isEmulated => new XElement(Qemu + "override",
            new XElement(Qemu + "device",
                new XAttribute("alias", "net0"),
                new XElement(Qemu + "frontend",
                    new XElement(Qemu + "property",
                        new XAttribute("name", "vectors"), new XAttribute("type", "unsigned"),
                        new XAttribute("value", 0))))),
        _ => null,
    };

    private static XElement Interface(string type, NodeShape shape, XElement where) => new("interface",
        new XAttribute("type", type),
        new XElement("mac", new XAttribute("address", shape.Mac)),
        where,
        new XElement("model", new XAttribute("type", "virtio")));

    private static XElement Argument(string word) => new(Qemu + "arg", new XAttribute("value", word));

    // A comma would begin another of QEMU's options.
    private static string Escaped(string text) => text.Replace(",", ",,", StringComparison.Ordinal);
}
