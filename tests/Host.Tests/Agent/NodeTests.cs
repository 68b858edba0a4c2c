using System.Xml.Linq;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Daemon.Server;
using VioActors.Daemon.Shell;
using VioActors.TestKit;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>
/// What a host writes of its nodes: the hypervisor's XML, the ledger, the end of a log; and its options.
/// </summary>
public sealed class NodeTests : IDisposable
{
    private static readonly PortXml Joint = new(PortXml.Joint, "/ports");
    private static readonly NodeId Node = NodeId.From("11111111-2222-3333-4444-555555555555");
    private readonly string _root = Directory.CreateTempSubdirectory("vio-nodes-").FullName;

    [Fact]
    public void TheKvmProbeRunsWithoutPrivileges()
    {
        var probe = Accelerator.Probe("libvirt-qemu", "108", "/tmp/vio-kvm-x/output");
        var words = string.Join(' ', probe.Arguments.Prepend(probe.FileName));
        Assert.StartsWith(
            "setpriv --reuid libvirt-qemu --regid 108 --init-groups --no-new-privs --bounding-set=-all qemu-", words);
    }

    [Fact]
    public async Task AProbeWhoseUserIsMissingMeansEmulationAndLeavesNothingAsync()
    {
        var runner = new ProcessRunner(TimeProvider.System);
        var owner = new QemuOwner("vio-nobody-here", runner);
        var before = Directory.GetDirectories(Path.GetTempPath(), "vio-kvm-*");
        Assert.Equal("qemu", await new Accelerator(runner, owner, TimeProvider.System)
            .ChooseAsync("auto", CancellationToken.None));
        Assert.Equal(before, Directory.GetDirectories(Path.GetTempPath(), "vio-kvm-*"));
    }

    [Fact]
    public void WhateverAUserWroteStaysText()
    {
        const string evil = "a'\"><devices><hostdev/></devices>&<!--";
        var xml = XElement.Parse(Xml(Shape() with { Name = evil, CommandLine = evil }));
        Assert.Equal(evil, (string?)xml.Element("os")!.Element("cmdline"));
        Assert.Empty(xml.Descendants("hostdev"));
        Assert.Single(xml.Elements("devices"));
    }

    [Fact]
    public void TheXmlIsPinnedAndHoldsNothingElse()
    {
        var xml = XElement.Parse(Xml(Shape()));
        var (hash, zeros) = (new string('d', 64), new string('0', 64));
        Assert.Equal("pc-q35-7.2", (string?)xml.Element("os")!.Element("type")!.Attribute("machine"));
        Assert.Equal("forbid", (string?)xml.Element("cpu")!.Element("model")!.Attribute("fallback"));
        Assert.Equal($"/images/{zeros}", (string?)xml.Element("os")!.Element("kernel"));
        Assert.Equal(
            ["disk", "interface", "serial", "controller", "memballoon"],
            xml.Element("devices")!.Elements().Select(one => one.Name.LocalName));
        var disk = xml.Element("devices")!.Element("disk")!;
        Assert.Equal($"/nodes/{Node}/disk.qcow2", (string?)disk.Element("source")!.Attribute("file"));
        Assert.Equal("raw", (string?)disk.Element("backingStore")!.Element("format")!.Attribute("type"));
        Assert.Equal($"/images/{hash}", (string?)disk.Element("backingStore")!.Element("source")!.Attribute("file"));
        var port = xml.Element("devices")!.Element("interface")!;
        Assert.Equal("ethernet", (string?)port.Attribute("type"));
        Assert.Equal(
            (Node.InterfaceName('q'), "no"),
            ((string?)port.Element("target")!.Attribute("dev"), (string?)port.Element("target")!.Attribute("managed")));
        Assert.Equal(("512", "50000"),
            ((string?)xml.Element("cputune")!.Element("shares"), (string?)xml.Element("cputune")!.Element("quota")));
    }

    [Fact]
    public void AnUnstatedFormatAndAFalseHashAreRefused()
    {
        var shape = Shape();
        var disk = shape.Image.Disk!;
        Assert.Throws<HypervisorException>(
            () => Xml(shape with { Image = shape.Image with { Disk = disk with { Format = "vmdk" } } }));
        Assert.Throws<ArgumentException>(
            () => Xml(shape with { Image = shape.Image with { Disk = disk with { Sha256 = "../etc/passwd" } } }));
    }

    [Fact]
    public async Task TheLedgerSurvivesAndRefusesLowerAsync()
    {
        var runs = Path.Combine(_root, "runs");
        var ledger = FileRunLedger.Open(runs, new ProcessRunner(TimeProvider.System), TimeProvider.System);
        var record = new RunRecord(Node, new RunPair(2, 7), new("s1.e1"), new("op-1"));
        Assert.Equal(record, await ledger.RaiseAsync(record, CancellationToken.None));
        await File.WriteAllTextAsync(Path.Combine(runs, Node + ".json.incoming"), "half", CancellationToken.None);

        var again = FileRunLedger.Open(runs, new ProcessRunner(TimeProvider.System), TimeProvider.System);
        Assert.Equal(record, again.Find(Node));
        Assert.Equal(record, await again.RaiseAsync(new RunRecord(Node, new RunPair(1, 9)), CancellationToken.None));
        var raised = await again.RaiseAsync(new RunRecord(Node, new RunPair(2, 8)), CancellationToken.None);
        Assert.Equal(record with { Pair = new RunPair(2, 8) }, raised);
        Assert.Equal([Node + ".json"], Directory.EnumerateFiles(runs).Select(Path.GetFileName));
    }

    [Fact]
    public async Task ADamagedRecordStopsTheAgentAsync()
    {
        var runs = Directory.CreateDirectory(Path.Combine(_root, "runs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(runs, Node + ".json"), "{", CancellationToken.None);
        var failed = Assert.Throws<StartupException>(
            () => FileRunLedger.Open(runs, new ProcessRunner(TimeProvider.System), TimeProvider.System));
        Assert.Contains(Node.Value, failed.Reason);
    }

    [Fact]
    public void TheEndOfALogIsBounded()
    {
        var path = Path.Combine(_root, "serial.log");
        Assert.Empty(SerialLog.LastLines(path, 5));
        File.WriteAllText(path, string.Join("\r\n", Enumerable.Range(0, 100_000).Select(i => $"line {i}")) + "\r\n");
        Assert.Equal(["line 99998", "line 99999"], SerialLog.LastLines(path, 2));
        Assert.InRange(SerialLog.LastLines(path, 1_000_000).Sum(line => line.Length + 2), 1, SerialLog.MaxBytes);
    }

    [Fact]
    public void AllErrorsOfAConfigurationComeAtOnce()
    {
        var path = Path.Combine(_root, "agent.json");
        File.WriteAllText(path, """
            { "name": "../h1", "memoryMiB": 1, "cores": 0, "switchListen": "0.0.0.0:1", "moveListen": "x", // comment
              "switchd": { "uid": 0, "gid": 0 }, "accelerator": "magic", "switchEndpoints": ["here"],
              "switchTcpListen": "0.0.0.0:443", "nodePorts": "wire", }
            """);
        var failed = Assert.Throws<StartupException>(() => AgentOptions.Load(path));
        Assert.All(
            (string[])
            [
                "name '../h1'", "memoryMiB 1", "cores 0", "switchListen", "moveListen", "switchd.uid", "accelerator",
                "switchEndpoints 'here'", "switchTcpListen", "nodePorts 'wire'",
            ],
            word => Assert.Contains(word, failed.Reason));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string Xml(NodeShape shape) =>
        new DomainXml(new NodeFiles("/nodes", "/images"), "qemu", new CpuSettings(IsCgroup2: false), Joint).Of(shape);

    private static NodeShape Shape() => SampleShape.New() with
    {
        Node = Node,
        MemoryMiB = 192,
        CpuWeight = 50,
        CpuQuotaPercent = 50,
        Image = new ImageDefinition(
            "tiny", SampleShape.File('0'), SampleShape.File('1'), SampleShape.File('d'), ""),
    };
}
