using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// A node's private overlay on a read-only base. Formats are stated by us, never probed from contents a guest wrote.
/// </summary>
internal sealed class OverlayDisk(ProcessRunner runner, QemuOwner owner)
{
    /// <summary>Makes an empty overlay; one that is there is kept, because it holds the node's data.</summary>
    /// <exception cref="HypervisorException">qemu-img failed.</exception>
    public async Task CreateAsync(string overlay, string baseImage, Blob image, CancellationToken cancel)
    {
        if (File.Exists(overlay)) return;
        // Made under another name, so that a crash leaves nothing that looks finished.
        var incoming = overlay + ".incoming";
        File.Delete(incoming);
        try
        {
            await runner.RunAsync(
                new ProcessCommand(
                    "qemu-img", "create", "-q", "-f", "qcow2", "-F", CheckedFormat(image), "-b", baseImage, incoming),
                cancel);
            await owner.GiveAsync(incoming, cancel);
            File.Move(incoming, overlay);
        }
        catch (ProcessFailedException failed)
        {
            throw new HypervisorException(
                "disk-failed",
                $"The disk {overlay} could not be made: {failed.Message}", "Check the host's disk space.", failed);
        }
    }

    /// <summary>The stated format of an image.</summary>
    /// <exception cref="HypervisorException">It is neither raw nor qcow2.</exception>
    public static string CheckedFormat(Blob image) => image.Format is "raw" or "qcow2"
        ? image.Format
        : throw new HypervisorException(
            "bad-format", $"The image file {image.Sha256} has the format '{image.Format}'.", "State raw or qcow2.");
}
