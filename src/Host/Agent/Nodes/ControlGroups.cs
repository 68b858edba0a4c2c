using VioActors.Contracts;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// The control groups that libvirt makes for a machine. It removes them itself, but forgets them when it was killed
/// while a machine came to this host.
/// </summary>
/// <param name="root">Where the hierarchies are mounted, <c>/sys/fs/cgroup</c>.</param>
internal sealed class ControlGroups(string root)
{
    // libvirt's name of the parent where no systemd makes scopes, which end by themselves.
    private const string Machines = "machine";

    /// <summary>Removes what is left of a node's machine; a group that still has processes stays.</summary>
    public void Remove(NodeId node)
    {
        if (!Directory.Exists(root)) return;
        // Version 2 has one tree, version 1 one per controller.
        foreach (var tree in Directory.EnumerateDirectories(root).Append(root))
        {
            var machines = Path.Combine(tree, Machines);
            if (!Directory.Exists(machines)) continue;
            foreach (var left in Directory.EnumerateDirectories(machines, $"qemu-*-{node.DomainName}*").ToList())
                RemoveTree(left);
        }
    }

    // The files in a group are the kernel's and go with it; only directories are deleted, the deepest first.
    private static void RemoveTree(string group)
    {
        var groups = Directory.EnumerateDirectories(group, "*", SearchOption.AllDirectories).Append(group);
        foreach (var one in groups.OrderByDescending(path => path.Length).ToList())
        {
            try
            {
                Directory.Delete(one);
            }
            catch (Exception used) when (used is IOException or UnauthorizedAccessException)
            {
                // It is in use, or gone already.
            }
        }
    }
}
