using VioActors.Contracts;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>The one machine that a move may bring: nothing else may be made of the source's requests.</summary>
/// <param name="Node">The node.</param>
/// <param name="Xml">The domain as this host itself would start it.</param>
/// <param name="MemoryUri">Where its QEMU listens for memory.</param>
/// <param name="DiskUri">Where its QEMU listens for its disk.</param>
/// <param name="Hypervisor">What this host's libvirtd calls its hypervisor.</param>
internal sealed record IncomingGuest(
    NodeId Node, string Xml, string MemoryUri, string DiskUri, string Hypervisor = "qemu:///system");
