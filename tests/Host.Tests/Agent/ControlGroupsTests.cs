using VioActors.Contracts;
using VioActors.Daemon.Agent.Nodes;

namespace VioActors.Daemon.Tests.Agent;

public sealed class ControlGroupsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vio-groups").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Only_the_nodes_own_groups_go()
    {
        var (node, other) = (NodeId.Of(Guid.NewGuid()), NodeId.Of(Guid.NewGuid()));
        string[] mine =
        [
            Make("cpu", $"qemu-3-{node.DomainName}.libvirt-qemu", "vcpu0"),
            Make("", $"qemu-12-{node.DomainName}.libvirt-qemu", "emulator"),
        ];
        var theirs = Make("cpu", $"qemu-4-{other.DomainName}.libvirt-qemu", "vcpu0");

        new ControlGroups(_root).Remove(node);

        Assert.DoesNotContain(mine, group => Directory.Exists(Path.GetDirectoryName(group)));
        Assert.True(Directory.Exists(theirs));
    }

    [Fact]
    public void No_groups_at_all_are_fine() =>
        new ControlGroups(Path.Combine(_root, "none")).Remove(NodeId.Of(Guid.NewGuid()));

    private string Make(params string[] parts) =>
        Directory.CreateDirectory(Path.Combine(_root, parts[0], "machine", parts[1], parts[2])).FullName;
}
