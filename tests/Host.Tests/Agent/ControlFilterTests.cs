using System.Buffers.Binary;
using System.Text;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Moves;
using VioActors.Daemon.Agent.Nodes;
using VioActors.TestKit;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>What a source's libvirtd may ask of the target's, and what a broken-into one tries.</summary>
public sealed class ControlFilterTests
{
    private const uint Remote = 0x20008086;
    private const uint ListAllDomains = 273;
    private const uint CreateXml = 10;
    private static readonly PortXml Joint = new(PortXml.Joint, "/ports");
    private static readonly NodeFiles Files = new("/data/nodes", "/data/images");

    /// <summary>A guest with a disk, and the XML that this host expects of it.</summary>
    internal static IncomingGuest Guest { get; } = new(
        Shape().Node, new DomainXml(Files, "qemu", new CpuSettings(IsCgroup2: false), Joint).Of(Shape()),
        "unix:///run/m/memory.sock", "unix:///run/m/disk.sock");

    [Fact]
    public async Task AWholeMovePassesAsItIsAsync()
    {
        byte[][] calls =
        [
            Call(66), Call(60, Number(10)), Open("qemu:///system"), Call(360), Call(303, Prepare(Arrived())),
            Call(306, Finish(Guest.Node.DomainName)), Call(361), Call(2),
        ];
        Assert.Equal(calls.SelectMany(call => call), await PassAsync([.. calls.SelectMany(call => call)]));
    }

    [Theory]
    [InlineData(ListAllDomains)]
    [InlineData(CreateXml)]
    [InlineData(304u)] // prepare through a tunnel
    [InlineData(217u)] // the older finish
    public async Task AnotherProcedureEndsTheStreamAsync(uint procedure)
    {
        var refused = await RefusedAsync([.. Call(66), .. Call(procedure)], passed: Call(66));
        Assert.Contains($"procedure {procedure} is not part of a move", refused.Message);
    }

    [Fact]
    public async Task AnotherProgramAnotherHypervisorAndBadLengthsEndTheStreamAsync()
    {
        await RefusedAsync(Message(0x20008087, 1, 0, [])); // QEMU's monitor
        await RefusedAsync(Message(Remote, 303, 4, Prepare(Arrived()))); // with file descriptors
        await RefusedAsync(Open("qemu+ext:///system?command=/bin/sh"));
        await RefusedAsync(Open("test:///default"));
        await RefusedAsync([0, 0, 0, 3]);
        await RefusedAsync([0x7f, 0, 0, 0, 1, 2, 3]);
        await RefusedAsync(Call(66)[..20]);
        await RefusedAsync(Call(303, [0, 0, 0, 9]));
    }

    [Fact]
    public async Task AnotherMachinePlaceOrFlagEndsTheStreamAsync()
    {
        await RefusedAsync(Call(306, Finish("vio-other")));
        await RefusedAsync(Call(303, Prepare(Arrived(), memory: "tcp://0.0.0.0:49152")));
        await RefusedAsync(Call(303, Prepare(Arrived(), disk: "unix:///run/libvirt/libvirt-sock")));
        await RefusedAsync(Call(303, Prepare(Arrived(), flags: 0x83 | 0x8))); // persistent
        await RefusedAsync(Call(303, Prepare(Arrived(), flags: 0x83 | 0x40))); // another disk
    }

    [Fact]
    public void WhatLibvirtAddsToOurOwnXmlIsTaken() => Assert.Null(IncomingXml.Problem(Guest.Xml, Arrived()));

    [Theory]
    [InlineData("/data/images/" + KernelHash, "/etc/shadow", "/os/kernel")]
    [InlineData("disk.qcow2", "../x/disk.qcow2", "/devices/disk/source@file")]
    [InlineData("<seclabel model=\"dac\" relabel=\"no\" />", "", "seclabel")]
    [InlineData("<acpi />", "<acpi /><smm />", "smm")]
    [InlineData("</devices>", "<hostdev mode='subsystem' type='pci'/></devices>", "hostdev")]
    [InlineData("</devices>", "<disk type='block' device='disk'><source dev='/dev/sda'/></disk></devices>", "disk")]
    [InlineData("</devices>", "<serial type='tcp'/></devices>", "serial")]
    [InlineData("</devices>", "<emulator>/bin/sh</emulator></devices>", "emulator")]
    [InlineData("</devices>", "</devices><seclabel type='static' model='dac'><label>+0:+0</label></seclabel>", "label")]
    [InlineData("<memory unit=\"MiB\">192", "<memory unit=\"MiB\">19200", "memory")]
    [InlineData("<currentMemory unit=\"MiB\">128", "<currentMemory unit=\"MiB\">192", "memory")]
    [InlineData("<quota>80000", "<quota>-1", "quota")]
    [InlineData("<shares>1024", "<shares>262144", "weight")]
    [InlineData("<domain", "<?xml version='1.0' encoding='UTF-7'?><domain", "begin")]
    [InlineData("<domain", "<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'", "domain")]
    public void ADomainThatIsNotOurOwnIsRefusedByName(string ours, string theirs, string named)
    {
        var xml = Guest.Xml.Replace(ours, theirs, StringComparison.Ordinal);
        Assert.NotEqual(Guest.Xml, xml);
        Assert.Contains(named, IncomingXml.Problem(Guest.Xml, xml));
    }

    [Theory]
    [InlineData("stream", "<qemu:arg value=\"-netdev\" />", "<qemu:arg value=\"-netdev\" /><qemu:arg value=\"-S\" />")]
    [InlineData("stream", "/ports/", "/ports/../")]
    [InlineData("stream", "<devices>", "<qemu:commandline><qemu:arg value=\"-S\" /></qemu:commandline><devices>")]
    [InlineData("stream", "<devices>", "<devices><qemu:commandline />")]
    [InlineData("stream", " xmlns:qemu", " xmlns:other=\"urn:x\" xmlns:qemu", "domain")]
    [InlineData("stream", "<vcpu>", "<cputune><shares>1</shares></cputune><vcpu>", "weight")]
    [InlineData("vhost-user", "name=\"vectors\"", "name=\"romfile\"", "override")]
    [InlineData("vhost-user", "/ports/", "/run/libvirt/", "/devices/interface/source@path")]
    [InlineData("vhost-user", "mode=\"server\"", "mode=\"client\"", "/devices/interface/source@mode")]
    [InlineData("vhost-user", "type=\"memfd\"", "type=\"file\"", "/memoryBacking/source@type")]
    public void ExtensionsAndSocketsMustBeOurOwn(string kind, string ours, string theirs, string named = "commandline")
    {
        var expected = new DomainXml(Files, "qemu", cpu: null, new PortXml(kind, "/ports")).Of(Shape() with
        {
            CpuQuotaPercent = null,
        });
        Assert.Null(IncomingXml.Problem(expected, expected));
        var xml = expected.Replace(ours, theirs, StringComparison.Ordinal);
        Assert.NotEqual(expected, xml);
        Assert.Contains(named, IncomingXml.Problem(expected, xml));
        Assert.NotNull(IncomingXml.Problem(Guest.Xml, expected));
    }

    [Fact]
    public async Task AnotherUsersHypervisorIsRefusedAsync()
    {
        using var libvirtd = new MemoryStream();
        var session = Guest with { Hypervisor = "qemu:///session" };
        await ControlFilter.PassAsync(
            new MemoryStream(Open("qemu:///session")), libvirtd, session, CancellationToken.None);
        await Assert.ThrowsAsync<InvalidDataException>(() => ControlFilter.PassAsync(
            new MemoryStream(Open("qemu:///system")), libvirtd, session, CancellationToken.None));
        Assert.Equal(Open("qemu:///session"), libvirtd.ToArray());
    }

    [Fact]
    public void DeepAndBrokenXmlIsRefused()
    {
        Assert.Contains("deeply", IncomingXml.Problem(
            Guest.Xml, "<domain>" + string.Concat(Enumerable.Repeat("<a>", 50_000))
                + string.Concat(Enumerable.Repeat("</a>", 50_000)) + "</domain>"));
        Assert.NotNull(IncomingXml.Problem(Guest.Xml, "<domain"));
    }

    private const string KernelHash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// <summary>Our XML with what libvirt was seen to add.</summary>
    private static string Arrived()
    {
        var serial = Files.SerialLog(Guest.Node);
        return Guest.Xml
            .Replace("<memory unit=\"MiB\">192", "<memory unit='KiB'>196608", StringComparison.Ordinal)
            .Replace("<currentMemory unit=\"MiB\">128", "<currentMemory unit='KiB'>131072", StringComparison.Ordinal)
            .Replace("<vcpu>", "<vcpu placement='static'>", StringComparison.Ordinal)
            .Replace("<os>", "<resource><partition>/machine</partition></resource><os>", StringComparison.Ordinal)
            .Replace("</os>", "<boot dev='hd'/></os><clock offset='utc'/>", StringComparison.Ordinal)
            .Replace("<devices>", "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>",
                StringComparison.Ordinal)
            .Replace("</interface>", "<address type='pci' domain='0x0000' bus='0x01'/></interface>",
                StringComparison.Ordinal)
            .Replace("</serial>", "<target type='isa-serial' port='0'><model name='isa-serial'/></target></serial>"
                + $"<console type='file'><source path='{serial}' append='on'/>"
                + "<target type='serial' port='0'/></console>"
                + "<input type='mouse' bus='ps2'/>", StringComparison.Ordinal)
            .Replace("</devices>", "<controller type='pci' index='1' model='pcie-root-port'>"
                + "<model name='pcie-root-port'/><target chassis='1' port='0x8'/></controller></devices>",
                StringComparison.Ordinal);
    }

    private static NodeShape Shape() => SampleShape.New() with
    {
        Node = NodeId.Of(new Guid("831eeab4-d958-4204-b944-fc5a1e84ea2e")),
        Name = "n1",
        MaxMemoryMiB = 192,
        MemoryMiB = 128,
        CpuQuotaPercent = 80,
        Mac = "52:54:00:00:00:11",
        Image = new ImageDefinition(
            "tiny", new Blob(KernelHash, 1), SampleShape.File('b'), SampleShape.File('c'), ""),
    };

    private static byte[] Prepare(
        string xml, string? memory = null, string? disk = null, uint flags = 0x83) =>
    [
        .. Number(5), .. Text("destination_xml", xml), .. Text("migrate_uri", memory ?? Guest.MemoryUri),
        .. Text("migrate_disks", "vda"), .. Text("disks_uri", disk ?? Guest.DiskUri),
        .. String("bandwidth"), .. Number(4), .. Number(0), .. Number(10), .. String("<qemu-migration/>"),
        .. Number(flags),
    ];

    private static byte[] Finish(string name) =>
        [.. Number(1), .. Text("destination_name", name), .. String(""), .. Number(0x83), .. Number(0)];

    private static byte[] Open(string name) => Call(1, [.. Number(1), .. String(name), .. Number(0)]);

    private static byte[] Text(string name, string value) => [.. String(name), .. Number(7), .. String(value)];

    private static byte[] String(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        return [.. Number((uint)octets.Length), .. octets, .. new byte[(4 - (octets.Length % 4)) % 4]];
    }

    private static byte[] Number(uint value)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return octets;
    }

    /// <summary>A call of the remote program, whole.</summary>
    internal static byte[] Call(uint procedure, byte[]? body = null) => Message(Remote, procedure, 0, body ?? []);

    private static byte[] Message(uint program, uint procedure, uint type, byte[] body) =>
    [
        .. Number(28 + (uint)body.Length), .. Number(program), .. Number(1), .. Number(procedure), .. Number(type),
        .. Number(0), .. Number(0), .. body,
    ];

    private static async Task<byte[]> PassAsync(byte[] said)
    {
        using var libvirtd = new MemoryStream();
        await ControlFilter.PassAsync(new MemoryStream(said), libvirtd, Guest, CancellationToken.None);
        return libvirtd.ToArray();
    }

    private static async Task<InvalidDataException> RefusedAsync(byte[] said, byte[]? passed = null)
    {
        using var libvirtd = new MemoryStream();
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() =>
            ControlFilter.PassAsync(new MemoryStream(said), libvirtd, Guest, CancellationToken.None));
        Assert.Equal(passed ?? [], libvirtd.ToArray());
        return refused;
    }
}
