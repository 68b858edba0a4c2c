using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Daemon.Server;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// The directory in which machines listen for the switch. QEMU's user may make sockets in it; the switch's group may
/// reach them and owns them, because the directory hands its group down, and libvirt starts QEMU with a umask that lets
/// the group write. So no socket needs to change hands, and nobody else can come near one.
/// </summary>
internal sealed class PortSockets(PortXml port, QemuOwner owner, int switchGid)
{
    /// <summary>Makes the directory, where the machines of this host need one.</summary>
    /// <exception cref="StartupException">It cannot be made.</exception>
    public async Task CreateAsync(CancellationToken cancel)
    {
        if (!port.HasSocket) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(port.Directory)!);
            await owner.DirectoryAsync(port.Directory, switchGid, cancel);
        }
        catch (Exception failed) when (
            failed is ProcessFailedException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The directory {port.Directory} cannot be made: {failed.Message}.",
                "Check qemuUser and runDirectory in the agent's configuration.", failed);
        }
    }

    /// <summary>Removes the socket of a machine that is not there any more.</summary>
    /// <exception cref="HypervisorException">It cannot be removed.</exception>
    public void RemoveStale(NodeId node)
    {
        if (!port.HasSocket) return;
        try
        {
            File.Delete(port.SocketOf(node));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new HypervisorException(
                "no-port-sockets", $"An old socket of node {node} cannot be removed: {failed.Message}.",
                $"Remove {port.SocketOf(node)}.", failed);
        }
    }
}
