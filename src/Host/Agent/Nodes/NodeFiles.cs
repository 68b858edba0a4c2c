using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// Where a host keeps what belongs to a node. Ids were checked when they were read, and image files are named by
/// checked hashes, so nothing a user wrote becomes part of a path.
/// </summary>
internal sealed class NodeFiles(string nodeDirectory, string imageDirectory)
{
    // QEMU's user must pass through, but not look around.
    private const UnixFileMode PassThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The node's own directory.</summary>
    public string Directory(NodeId node) => Path.Combine(nodeDirectory, NodeId.From(node.Value).Value);

    /// <summary>What its guest wrote on its serial line.</summary>
    public string SerialLog(NodeId node) => Path.Combine(Directory(node), "serial.log");

    /// <summary>Its private overlay.</summary>
    public string Disk(NodeId node) => Path.Combine(Directory(node), "disk.qcow2");

    /// <summary>The move that may bring it here; missing when none may.</summary>
    public string IncomingMark(NodeId node) => Path.Combine(Directory(node), "incoming");

    /// <summary>The move that was announced for it and has not arrived or ended; null when there is none.</summary>
    public OperationId? IncomingMove(NodeId node)
    {
        try
        {
            return OperationId.From(File.ReadAllText(IncomingMark(node)));
        }
        catch (Exception none) when (none is IOException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A file of an image.</summary>
    public string Image(Blob blob) => BlobHash.IsValid(blob.Sha256)
        ? Path.Combine(imageDirectory, blob.Sha256)
        : throw new ArgumentException($"'{blob.Sha256}' is not a SHA-256.", nameof(blob));

    /// <summary>
    /// Makes the node's directory and its empty log, which the hypervisor's user may not make itself.
    /// </summary>
    public void Create(NodeId node)
    {
        System.IO.Directory.CreateDirectory(nodeDirectory, PassThrough);
        System.IO.Directory.CreateDirectory(Directory(node), PassThrough);
        File.Open(SerialLog(node), FileMode.OpenOrCreate).Dispose();
    }

    /// <summary>Removes all that is kept of the node.</summary>
    public void Remove(NodeId node)
    {
        if (System.IO.Directory.Exists(Directory(node))) System.IO.Directory.Delete(Directory(node), recursive: true);
    }

    /// <summary>Makes the directory of image files, readable by QEMU's user.</summary>
    public static void CreateImageDirectory(string imageDirectory) => System.IO.Directory.CreateDirectory(
        imageDirectory, PassThrough | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
}

/// <summary>The one form of a hash that may name a file.</summary>
internal static class BlobHash
{
    /// <summary>64 characters of 0-9 and a-f.</summary>
    public static bool IsValid(string text) => Server.BlobStore.IsHash(text);
}
