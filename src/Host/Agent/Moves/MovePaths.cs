using System.Net.Sockets;
using VioActors.Contracts;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>
/// Where the sockets of moves are: one directory per move, with control.sock, memory.sock and disk.sock.
/// </summary>
/// <param name="Here">The directory as this process sees it.</param>
/// <param name="Hypervisor">The same as libvirtd and QEMU see it; equal unless they live in another mount
/// namespace.</param>
internal sealed record MovePaths(string Here, string Hypervisor)
{
    /// <summary>A move's directory, for us.</summary>
    public string Directory(OperationId move) => Path.Combine(Here, OperationId.From(move.Value).Value);

    /// <summary>A stream's socket, for us.</summary>
    public string Socket(OperationId move, MoveStream stream) => Path.Combine(Directory(move), FileName(stream));

    /// <summary>A stream's socket, for libvirtd and QEMU.</summary>
    public string Seen(OperationId move, MoveStream stream) =>
        Path.Combine(Hypervisor, OperationId.From(move.Value).Value, FileName(stream));

    /// <summary>Removes a move's directory; fine when there is none.</summary>
    public void Remove(OperationId move)
    {
        if (System.IO.Directory.Exists(Directory(move))) System.IO.Directory.Delete(Directory(move), recursive: true);
    }

    /// <summary>Removes what a crash left of all moves.</summary>
    public void RemoveAll()
    {
        if (!System.IO.Directory.Exists(Here)) return;
        foreach (var left in System.IO.Directory.EnumerateDirectories(Here))
            System.IO.Directory.Delete(left, recursive: true);
    }

    private static string FileName(MoveStream stream) => stream.ToString().ToLowerInvariant() + ".sock";
}
