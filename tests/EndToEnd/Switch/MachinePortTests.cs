using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Shell;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// Real machines under emulation on ports without a kernel between: one on a stream socket, one on vhost-user. The
/// switch and both machines run as a user without any rights.
/// </summary>
public sealed class MachinePortTests : IAsyncLifetime
{
    private const int Nobody = 65534;
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("viomp");
    private readonly List<Process> _processes = [];
    private readonly SiteCa _ca = new();
    private GuestImage _image = null!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists("/usr/bin/qemu-system-x86_64"))
            Assert.Skip("qemu-system-x86 is not installed");
        try
        {
            _image = await new GuestImageBuilder(
                new ProcessRunner(TimeProvider.System), GuestImageBuilder.DefaultCache).BuildAsync(None);
        }
        catch (GuestImageException reason)
        {
            Assert.Skip(reason.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _processes)
            await EndAsync(process);
        _ca.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task MachinesOnAStreamSocketAndOnVhostUserReachEachOtherWithoutRights()
    {
        File.SetUnixFileMode(_directory.FullName, (UnixFileMode)0b111_111_111);
        await using SwitchControlClient client = await StartSwitchAsync();
        Process first = StartMachine(1, Stream(1));
        StartMachine(2, Vhost(2));
        ApplyReply reply = await client.ApplyAsync(State(), None);
        Assert.Empty(reply.Errors);
        await SaysAsync(1, "VIO reach 10.1.0.2");
        await SaysAsync(2, "VIO reach 10.1.0.1");
        await SaysAsync(1, "VIO tcp 3");
        await SaysAsync(2, "VIO tcp 3");

        PortStatus[] ports = await PortsAsync(client);
        Assert.Equal(("stream", "", (string?)null), (ports[0].Kind, ports[0].Offloads, ports[0].Trouble));
        Assert.Equal(
            ("vhost-user", "csum tso4 tso6 ecn", (string?)null), (ports[1].Kind, ports[1].Offloads, ports[1].Trouble));
        PingReport ping = await client.PingAsync(
            "e", Ip(2), TimeSpan.FromMilliseconds(50), 20, TimeSpan.FromSeconds(2), None);
        Assert.Equal((20, 0), (ping.Received, ping.Duplicates));

        // A machine that ends is noticed, and its successor is found.
        await EndAsync(first);
        await Until.TrueAsync("the switch notices", async () => (await PortsAsync(client))[0].Trouble is not null);
        File.Delete(Serial(1));
        StartMachine(1, Stream(1));
        await SaysAsync(1, "VIO reach 10.1.0.2");
        Assert.Null((await PortsAsync(client))[0].Trouble);
    }

    private static async Task<PortStatus[]> PortsAsync(SwitchControlClient client) =>
        [.. (await client.StatusAsync(None)).Environments[0].Ports];

    private static SwitchWantedState State() => new()
    {
        Version = 1,
        Environments =
        [
            new WantedEnvironment
            {
                Id = "e",
                Members =
                [
                    new()
                    {
                        Host = "a",
                        Endpoint = "127.0.0.1:7999",
                        ProberMac = "02:ff:00:00:00:0a",
                        ProberIp = "10.1.255.1",
                    },
                ],
                Ports = [Port(1, "stream"), Port(2, "vhost-user")],
                Table = [SwitchLab.Node(1, "a"), SwitchLab.Node(2, "a")],
            },
        ],
    };

    private static WantedPort Port(int node, string kind) => new()
    {
        Tap = "m" + node,
        Kind = kind,
        Socket = $"m{node}.sock",
        Node = "n" + node,
        Mac = SwitchLab.Mac(node),
        Ip = Ip(node),
    };

    private static string Ip(int node) => SwitchLab.Ip(node);

    private string Serial(int node) => Path.Combine(_directory.FullName, $"serial{node}");

    private string[] Stream(int node) =>
    [
        "-machine", "pc-q35-7.2,accel=tcg", "-netdev",
        $"stream,id=n0,server=on,addr.type=unix,addr.path={Path.Combine(_directory.FullName, $"m{node}.sock")}",
        "-device", $"virtio-net-pci,netdev=n0,mac={SwitchLab.Mac(node)}",
    ];

    // vectors=0: with interrupts of its own, QEMU 7.2 ends when it emulates the processor.
    private string[] Vhost(int node) =>
    [
        "-machine", "pc-q35-7.2,accel=tcg,memory-backend=mem",
        "-object", "memory-backend-memfd,id=mem,size=160M,share=on",
        "-chardev", $"socket,id=c0,server=on,path={Path.Combine(_directory.FullName, $"m{node}.sock")}",
        "-netdev", "vhost-user,id=n0,chardev=c0",
        "-device", $"virtio-net-pci,netdev=n0,vectors=0,mac={SwitchLab.Mac(node)}",
    ];

    private Process StartMachine(int node, string[] network) => Start(
        "qemu-system-x86_64", [
            .. network, "-cpu", "qemu64", "-m", "160", "-display", "none", "-nodefaults",
            "-kernel", _image.KernelPath, "-initrd", _image.InitrdPath, "-serial", "file:" + Serial(node),
            "-append", $"{GuestImage.KernelArguments} vio.ip={Ip(node)}/16 vio.name=n{node} "
                + $"vio.peers={Ip(1)},{Ip(2)} vio.tcp={Ip(3 - node)}"]);

    private async Task<SwitchControlClient> StartSwitchAsync()
    {
        string config = Path.Combine(_directory.FullName, "switchd.json");
        string socket = Path.Combine(_directory.FullName, "control.sock");
        new SwitchdConfig(
            new HostId("a"), new SiteId("lab"), _ca.Pem, "127.0.0.1:0", socket, PortSockets: _directory.FullName)
            .Save(config);
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        Start(
            Path.Combine(root, "dotnet"),
            [Path.Combine(AppContext.BaseDirectory, "vio.dll"), "switchd", "--config", config]);
        await Until.TrueAsync("the switch listens", () => File.Exists(socket));
        SwitchControlClient client = await SwitchControlClient.ConnectAsync(socket, "test", None);
        (string pem, ECDsa key) = _ca.Issue("a");
        using (key)
            await client.RenewIdentityAsync(pem, key, TimeProvider.System.GetUtcNow().AddHours(1), None);
        return client;
    }

    private Process Start(string program, string[] arguments)
    {
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid", $"{Nobody}", "--regid", $"{Nobody}", "--clear-groups", "--no-new-privs",
                "--bounding-set", "-all", "--inh-caps", "-all", "--", program, .. arguments]
            : [program, .. arguments];
        var start = new ProcessStartInfo(command[0]);
        foreach (string argument in command[1..])
            start.ArgumentList.Add(argument);
        start.Environment["HOME"] = _directory.FullName;
        Process process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
    }

    private Task SaysAsync(int node, string what) => Until.TrueAsync(
        $"machine {node} says {what}", () =>
            File.Exists(Serial(node)) && File.ReadAllText(Serial(node)).Contains(what, StringComparison.Ordinal), 120);
}
