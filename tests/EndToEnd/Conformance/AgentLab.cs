using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Shell;
using VioActors.EndToEnd.Agent;
using VioActors.EndToEnd.Libvirt;

namespace VioActors.EndToEnd.Conformance;

/// <summary>Names the tests that share one lab.</summary>
[CollectionDefinition(Name)]
public sealed class AgentLabCollection : ICollectionFixture<AgentLab>
{
    /// <summary>Of the collection.</summary>
    internal const string Name = "two agents";
}

/// <summary>
/// Two hosts with real agents, switches and libvirtd, and a number of nodes that both switches know already, so that
/// each test only takes the next one. Skips with a reason where it cannot run.
/// </summary>
public sealed class AgentLab : IAsyncLifetime
{
    private const int MaxNodes = 36;
    private const int MemoryMiB = 192;
    private static readonly EnvironmentId Environment = new("s1.e1");
    private readonly List<NodeShape> _shapes = [];
    private string? _missing;
    private FakeSite? _site;
    private LabInstance? _lab;
    private int _taken;

    internal HostId First { get; } = new("h-first");

    internal HostId Second { get; } = new("h-second");

    internal FakeSite Site => _site!;

    internal LabInstance Lab => _lab!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        try
        {
            await LabBuilder.CheckMachineAsync(new ProcessRunner(TimeProvider.System), CancellationToken.None);
        }
        catch (LabException reason)
        {
            _missing = reason.Message;
            return;
        }
        var image = await new GuestImageBuilder(new ProcessRunner(TimeProvider.System), GuestImageBuilder.DefaultCache)
            .BuildAsync(CancellationToken.None);
        _lab = await new LabFactory(TimeProvider.System).UpAsync(
            new LabOptions(),
            async (up, _, cancel) =>
            {
                _site = await FakeSite.StartAsync(up.Plan);
                foreach (var (machine, host) in up.Hosts.Zip([First, Second]))
                {
                    _site.Join(machine, host);
                    await File.WriteAllTextAsync(
                        Path.Combine(machine.ConfigDirectory, "agent.json"), Config(up.Plan, machine), cancel);
                    up.Start(LabDefaults.Agent(machine, up.Program));
                }
            },
            new Progress<LabEvent>(), CancellationToken.None);
        _shapes.AddRange(Enumerable.Range(1, MaxNodes).Select(number => Shape(Site, image, number)));
        foreach (var host in (HostId[])[First, Second]) await Site.SwitchAsync(host, Wanted());
    }

    /// <summary>Ends the calling test as skipped where there can be no lab.</summary>
    internal void Require()
    {
        if (_missing is not null) Assert.Skip(_missing);
    }

    /// <summary>A node that no test had yet.</summary>
    internal NodeShape NewShape() => _shapes[Interlocked.Increment(ref _taken) - 1];

    /// <summary>The machine behind a host.</summary>
    internal LabMachine MachineOf(HostId host) => Lab.Hosts[host == First ? 0 : 1];

    /// <summary>Where a host's agent takes move streams.</summary>
    internal string EndpointOf(HostId host) => $"{MachineOf(host).Address}:7403";

    /// <summary>What a host keeps of a node.</summary>
    internal string DirectoryOf(HostId host, NodeId node) =>
        Path.Combine(MachineOf(host).StateDirectory, "nodes", node.Value);

    /// <summary>Waits until the guest's software says that it runs.</summary>
    internal Task BootedAsync(HostId host, NodeId node) => Until.TrueAsync(
        $"node {node} on host {host} says that it is ready",
        async () =>
        {
            var log = Path.Combine(DirectoryOf(host, node), "serial.log");
            return File.Exists(log)
                && (await File.ReadAllTextAsync(log)).Contains("VIO ready", StringComparison.Ordinal);
        });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_lab is not null) await _lab.DisposeAsync();
        if (_site is not null) await _site.DisposeAsync();
    }

    private static NodeShape Shape(FakeSite site, GuestImage image, int number) => new()
    {
        Node = NodeId.Of(Guid.NewGuid()),
        Environment = Environment,
        Name = $"n{number}",
        MaxMemoryMiB = MemoryMiB,
        MemoryMiB = MemoryMiB,
        Vcpus = 1,
        CpuWeight = 100,
        MachineType = "pc-q35-7.2",
        CpuModel = "qemu64",
        Mac = $"52:54:00:00:00:{number:x2}",
        CommandLine = $"{GuestImage.KernelArguments} vio.name=n{number} vio.ip={Ip(number)}/24",
        Image = new ImageDefinition(
            "tiny", site.Blob(image.KernelPath, image.KernelSha256), site.Blob(image.InitrdPath, image.InitrdSha256),
            site.Blob(image.DiskPath, image.DiskSha256), ""),
    };

    private static string Ip(int number) => $"10.10.0.{10 + number}";

    // Every node as if under way from the first host to the second, so that both have a port for it.
    private SwitchWanted Wanted() => new()
    {
        Generation = 1,
        Version = 1,
        Environments =
        [
            new SwitchEnvironment
            {
                Environment = Environment,
                Subnet = "10.10.0.0/24",
                Members =
                [
                    new SwitchMember(First, $"{Lab.Hosts[0].Address}:7402", "52:54:00:00:ff:01", "10.10.0.241"),
                    new SwitchMember(Second, $"{Lab.Hosts[1].Address}:7402", "52:54:00:00:ff:02", "10.10.0.242"),
                ],
                Entries =
                [
                    .. _shapes.Select((shape, index) =>
                        new SwitchEntry(shape.Node, shape.Mac, Ip(index + 1), First, Second, 1)),
                ],
            },
        ],
    };

    private static string Config(LabPlan plan, LabMachine machine) => JsonSerializer.Serialize(new
    {
        name = machine.Name,
        memoryMiB = 4096,
        cores = 1,
        accelerator = "tcg",
        switchListen = $"{machine.Address}:7402",
        moveListen = $"{machine.Address}:7403",
        switchd = new { uid = plan.UserId, gid = plan.UserId },
    });
}
