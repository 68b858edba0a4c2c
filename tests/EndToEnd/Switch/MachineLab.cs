using System.Diagnostics;
using System.Runtime.InteropServices;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// Real machines under emulation whose ports are sockets in one directory. They, and programs beside them, run as a
/// user without any rights.
/// </summary>
internal sealed class MachineLab : IAsyncDisposable
{
    private const string Nobody = "65534";
    private readonly List<Process> _processes = [];
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("viomp");
    private readonly GuestImage _image;

    private MachineLab(GuestImage image)
    {
        _image = image;
        File.SetUnixFileMode(_directory.FullName, (UnixFileMode)0b111_111_111);
    }

    /// <summary>Skips the test where this machine cannot run it.</summary>
    public static async Task<MachineLab> StartAsync()
    {
        if (!File.Exists("/usr/bin/qemu-system-x86_64"))
            Assert.Skip("qemu-system-x86 is not installed");
        try
        {
            return new MachineLab(await new GuestImageBuilder(
                new ProcessRunner(TimeProvider.System), GuestImageBuilder.DefaultCache)
                .BuildAsync(CancellationToken.None));
        }
        catch (GuestImageException reason)
        {
            Assert.Skip(reason.Message);
            throw;
        }
    }

    public string Folder => _directory.FullName;

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>Devices of a machine on a stream socket.</summary>
    public string[] Stream(string socket, int node) =>
    [
        "-machine", "pc-q35-7.2,accel=tcg",
        "-netdev", $"stream,id=n0,server=on,addr.type=unix,addr.path={PathOf(socket)}",
        "-device", $"virtio-net-pci,netdev=n0,mac={SwitchLab.Mac(node)}",
    ];

    /// <summary>Devices of a machine on vhost-user.</summary>
    // vectors=0: with interrupts of its own, QEMU 7.2 ends when it emulates the processor.
    public string[] Vhost(string socket, int node) =>
    [
        "-machine", "pc-q35-7.2,accel=tcg,memory-backend=mem",
        "-object", "memory-backend-memfd,id=mem,size=160M,share=on",
        "-chardev", $"socket,id=c0,server=on,path={PathOf(socket)}", "-netdev", "vhost-user,id=n0,chardev=c0",
        "-device", $"virtio-net-pci,netdev=n0,vectors=0,mac={SwitchLab.Mac(node)}",
    ];

    /// <summary>Starts a machine that reaches for another node and talks TCP to it.</summary>
    public Process StartMachine(string serial, int node, int other, params string[] devices) => Start(
        "qemu-system-x86_64",
        [
            .. devices, "-cpu", "qemu64", "-m", "160", "-display", "none", "-nodefaults",
            "-kernel", _image.KernelPath, "-initrd", _image.InitrdPath, "-serial", "file:" + PathOf(serial),
            "-append", $"{GuestImage.KernelArguments} vio.ip={SwitchLab.Ip(node)}/16 vio.name=n{node} "
                + $"vio.peers={SwitchLab.Ip(node)},{SwitchLab.Ip(other)} vio.tcp={SwitchLab.Ip(other)}",
        ]);

    /// <summary>Starts <c>vio switchd</c>.</summary>
    public Process StartSwitchd(string config)
    {
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        return Start(
            Path.Combine(root, "dotnet"),
            [Path.Combine(AppContext.BaseDirectory, "vio.dll"), "switchd", "--config", config]);
    }

    public string Said(string serial) => File.Exists(PathOf(serial)) ? File.ReadAllText(PathOf(serial)) : "";

    public Task SaysAsync(string serial, string what) => Until.TrueAsync(
        () => $"{serial} says '{what}'; it said: {Said(serial)[^Math.Min(2000, Said(serial).Length)..]}",
        () => Task.FromResult(Said(serial).Contains(what, StringComparison.Ordinal)), 120);

    public static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _processes)
            await EndAsync(process);
        _directory.Delete(recursive: true);
    }

    private Process Start(string program, string[] arguments)
    {
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid", Nobody, "--regid", Nobody, "--clear-groups", "--no-new-privs",
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
}
