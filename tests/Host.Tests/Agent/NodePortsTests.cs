using System.Xml.Linq;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Agent.Moves;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Shell;
using VioActors.Switch.DataPlane;
using VioActors.TestKit;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>How nodes reach the switch: what is told to the hypervisor, to the switch and to the operator.</summary>
public sealed class NodePortsTests : IDisposable
{
    private static readonly NodeId Node = NodeId.From("11111111-2222-3333-4444-555555555555");
    private readonly string _root = Directory.CreateTempSubdirectory("vio-ports-").FullName;

    [Fact]
    public void AStreamSocketIsGivenToQemuItself()
    {
        var xml = Xml("stream", "qemu");
        Assert.Empty(xml.Descendants("interface"));
        Assert.Empty(xml.Descendants("memoryBacking"));
        Assert.Equal(
            [
                "-netdev", $"stream,id=vio0,server=on,addr.type=unix,addr.path=/run/a,,b/{Node}",
                "-device", "virtio-net-pci,netdev=vio0,mac=52:54:00:00:00:11,bus=pcie.0,addr=0x10",
            ],
            xml.Elements(PortXml.Qemu + "commandline").Elements().Select(one => (string?)one.Attribute("value")));
    }

    [Theory]
    [InlineData("qemu", 1)]
    [InlineData("kvm", 0)]
    public void VhostUserSharesTheMachinesMemory(string domainType, int overrides)
    {
        var xml = Xml("vhost-user", domainType);
        var port = Assert.Single(xml.Descendants("interface"));
        Assert.Equal(
            ("vhostuser", $"/run/a,b/{Node}", "server"),
            ((string?)port.Attribute("type"), (string?)port.Element("source")!.Attribute("path"),
                (string?)port.Element("source")!.Attribute("mode")));
        var memory = Assert.Single(xml.Elements("memoryBacking"));
        Assert.Equal(
            ("memfd", "shared"),
            ((string?)memory.Element("source")!.Attribute("type"),
                (string?)memory.Element("access")!.Attribute("mode")));
        Assert.Equal(overrides, xml.Elements(PortXml.Qemu + "override").Count());
    }

    [Fact]
    public void AJointNeedsNoExtension() =>
        Assert.DoesNotContain("qemu/1.0", Xml(PortXml.Joint, "qemu").ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("joint", null)]
    [InlineData("stream", "11111111-2222-3333-4444-555555555555")]
    [InlineData("vhost-user", "11111111-2222-3333-4444-555555555555")]
    public void TheSwitchIsToldTheSame(string kind, string? socket)
    {
        var port = Assert.Single(Assert.Single(SwitchTranslation.Translate(
            new SwitchWanted
            {
                Generation = 1,
                Version = 1,
                Environments =
                [
                    new VioActors.Contracts.Agents.SwitchEnvironment
                    {
                        Environment = new EnvironmentId("e1"),
                        Subnet = "10.1.0.0/16",
                        Entries =
                        [
                            new SwitchEntry(Node, "52:54:00:00:00:11", "10.1.0.1", new HostId("h1"), null, 1),
                        ],
                    },
                ],
            }, new HostId("h1"), "10.0.0.1:7402", kind).Environments).Ports);
        Assert.Equal((kind, socket), (port.Kind, port.Socket));
        Assert.Equal(socket is null ? Node.InterfaceName('b') : "", port.Bridge);
        Assert.Equal(Node.InterfaceName('s'), port.Tap);
    }

    [Theory]
    [InlineData("joint", "qemu:///system", true, null)]
    [InlineData("vhost-user", "qemu+unix:///system?socket=/run/x", true, null)]
    [InlineData("stream", "qemu:///session", false, null)]
    [InlineData("vhost-user", "qemu+unix:///session?socket=/run/x", false, null)]
    [InlineData("joint", "qemu:///session", false, "nodePorts joint")]
    [InlineData("stream", "qemu:///system", false, "libvirtUri")]
    [InlineData("stream", "qemu:///session", true, "libvirtUri")]
    public void WhatNeedsRootIsSaidAtTheStart(string kind, string uri, bool isRoot, string? named)
    {
        var errors = AgentOptionsCheck.Rights(Options() with { NodePorts = kind, LibvirtUri = uri }, isRoot);
        if (named is null) Assert.Empty(errors);
        else Assert.StartsWith(named, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutMachinesNoRightsAreNeeded() =>
        Assert.Empty(AgentOptionsCheck.Rights(Options() with { Hypervisor = "sim" }, isRoot: false));

    [Theory]
    [InlineData("kvm", "stream", "/run/vio", "other-accelerator")]
    [InlineData("qemu", "vhost-user", "/run/vio", "other-ports")]
    [InlineData("qemu", "stream", "/run/user/1001/vio", "other-directories")]
    public void AMoveBetweenUnlikeHostsIsRefusedByName(string domainType, string ports, string run, string code)
    {
        var here = new MoveWelcome("/data", "qemu", "stream", "/run/vio");
        var refused = Assert.Throws<HypervisorException>(() => LibvirtMoves.RequireEqual(
            here, new MoveWelcome("/elsewhere", domainType, ports, run), new HostId("h2")));
        Assert.Equal(code, refused.Failure.Code);
        LibvirtMoves.RequireEqual(here, here with { RunDirectory = "" }, new HostId("h2"));
    }

    [Theory]
    [InlineData(50, null)]
    [InlineData(100, 80)]
    public void AWeightOrAQuotaIsRefusedWhereNobodyKeepsIt(int weight, int? quota)
    {
        var refused = Assert.Throws<HypervisorException>(() => CpuSettings.Require(null, Node, weight, quota));
        Assert.Equal("no-cpu-limits", refused.Failure.Code);
        CpuSettings.Require(new CpuSettings(IsCgroup2: true), Node, weight, quota);
        CpuSettings.Require(null, Node, 100, null);
    }

    [Fact]
    public async Task TheSocketsAreInADirectoryOfTheirOwnAndOldOnesGoAsync()
    {
        var directory = Path.Combine(_root, "run", "ports");
        var runner = new ProcessRunner(TimeProvider.System);
        // Root's own group stands for the switch's: what counts is that it is handed down and may only pass.
        var user = Environment.IsPrivilegedProcess ? "root" : Environment.UserName;
        var port = new PortXml("stream", directory);
        var sockets = new PortSockets(port, new QemuOwner(user, runner), switchGid: 0);
        for (var i = 0; i < 2; i++) await sockets.CreateAsync(CancellationToken.None);
        var expected = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (QemuOwner.IsAnother) expected |= UnixFileMode.SetGroup | UnixFileMode.GroupExecute;
        Assert.Equal(expected, File.GetUnixFileMode(directory));

        await File.WriteAllTextAsync(port.SocketOf(Node), "old", CancellationToken.None);
        for (var i = 0; i < 2; i++) sockets.RemoveStale(Node);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }

    [Fact]
    public async Task JointsNeedNoDirectoryAsync()
    {
        var port = new PortXml(PortXml.Joint, Path.Combine(_root, "ports"));
        var sockets = new PortSockets(
            port, new QemuOwner("nobody-here", new ProcessRunner(TimeProvider.System)), switchGid: 0);
        await sockets.CreateAsync(CancellationToken.None);
        sockets.RemoveStale(Node);
        Assert.False(Directory.Exists(port.Directory));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static XElement Xml(string kind, string domainType) => XElement.Parse(new DomainXml(
        new NodeFiles("/nodes", "/images"), domainType, new CpuSettings(IsCgroup2: false),
        new PortXml(kind, "/run/a,b")).Of(SampleShape.New() with { Node = Node, Mac = "52:54:00:00:00:11" }));

    private static AgentOptions Options() => new()
    {
        Name = "h1",
        MemoryMiB = 64,
        Cores = 1,
        SwitchListen = "10.0.0.1:7402",
        MoveListen = "10.0.0.1:7403",
    };
}
