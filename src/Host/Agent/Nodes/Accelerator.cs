using VioActors.Actors.Host.Agent;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// Chooses between KVM and emulation. A machine may have /dev/kvm and still hang every guest, so one is booted, as the
/// user that guests run as.
/// </summary>
internal sealed class Accelerator(ProcessRunner runner, QemuOwner owner, TimeProvider clock)
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>libvirt's domain type: <c>kvm</c> or <c>qemu</c>.</summary>
    public async Task<string> ChooseAsync(string wanted, CancellationToken cancel) => wanted switch
    {
        "kvm" => "kvm",
        "tcg" => "qemu",
        _ => File.Exists("/dev/kvm") && await BootsAsync(cancel) ? "kvm" : "qemu",
    };

    /// <summary>Boots firmware only and waits for its first debug output: QEMU ends when we stop waiting.</summary>
    private async Task<bool> BootsAsync(CancellationToken cancel)
    {
        // A new directory that only we and then only that user may enter: nobody else can put a link in its place.
        var directory = Directory.CreateTempSubdirectory("vio-kvm-").FullName;
        try
        {
            await owner.GiveAsync(directory, cancel);
            var output = Path.Combine(directory, "output");
            var command = QemuOwner.IsAnother
                ? Probe(owner.User, await owner.GroupAsync(cancel), output)
                : new ProcessCommand("setpriv", ["--no-new-privs", .. Firmware(output)]);
            return await SpeaksAsync(command, output, cancel);
        }
        catch (HypervisorException)
        {
            // Without that user no guest could start: emulation, and the first guest says why.
            return false;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<bool> SpeaksAsync(ProcessCommand command, string output, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var machine = RunAsync(command, stop.Token);
        try
        {
            for (var started = clock.GetTimestamp(); clock.GetElapsedTime(started) < BootLimit && !machine.IsCompleted;)
            {
                if (File.Exists(output) && new FileInfo(output).Length > 0) return true;
                await Task.Delay(LookInterval, clock, cancel);
            }
            return false;
        }
        finally
        {
            await stop.CancelAsync();
            await machine;
        }
    }

    /// <summary>QEMU with firmware only, without any privilege.</summary>
    internal static ProcessCommand Probe(string user, string group, string output) => new(
        "setpriv",
        [
            "--reuid", user, "--regid", group, "--init-groups", "--no-new-privs", "--bounding-set=-all",
            .. Firmware(output),
        ]);

    private static string[] Firmware(string output) =>
    [
        "qemu-system-x86_64", "-accel", "kvm", "-machine", "q35", "-m", "32", "-nodefaults", "-display", "none",
        "-chardev", $"file,id=d,path={output}", "-device", "isa-debugcon,iobase=0x402,chardev=d",
    ];

    private async Task RunAsync(ProcessCommand command, CancellationToken cancel)
    {
        try
        {
            await runner.TryAsync(command, cancel);
        }
        catch (Exception ended) when (ended is ProcessFailedException or OperationCanceledException)
        {
            // No KVM that works, or it did and was stopped: the output tells.
        }
    }
}
