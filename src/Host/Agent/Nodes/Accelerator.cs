using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// Chooses between KVM and emulation. A machine may have /dev/kvm and still hang every guest, so one is booted.
/// </summary>
internal sealed class Accelerator(ProcessRunner runner, TimeProvider clock)
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
        var output = Path.Combine(Path.GetTempPath(), $"vio-kvm-probe-{Environment.ProcessId}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var machine = RunAsync(output, stop.Token);
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
            File.Delete(output);
        }
    }

    private async Task RunAsync(string output, CancellationToken cancel)
    {
        try
        {
            await runner.TryAsync(
                new ProcessCommand(
                    "qemu-system-x86_64", "-accel", "kvm", "-machine", "q35", "-m", "32",
                    "-nodefaults", "-display", "none",
                    "-chardev", $"file,id=d,path={output}", "-device", "isa-debugcon,iobase=0x402,chardev=d"), cancel);
        }
        catch (Exception ended) when (ended is ProcessFailedException or OperationCanceledException)
        {
            // No KVM that works, or it did and was stopped: the output tells.
        }
    }
}
