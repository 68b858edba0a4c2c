using System.Globalization;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary>Makes the machines of a plan: directories with their owners, configuration, cgroups, namespaces.</summary>
internal sealed class LabBuilder(LabPlan plan, Cgroups cgroups, ProcessRunner runner, Signals signals)
{
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(10);

    private static readonly (string Program, string Package)[] Needed =
    [
        ("ip", "iproute2"), ("nsenter", "util-linux"), ("unshare", "util-linux"), ("setpriv", "util-linux"),
        ("virtlogd", "libvirt-daemon-system"), ("libvirtd", "libvirt-daemon-system"),
        ("virsh", "libvirt-clients"),
        ("qemu-system-x86_64", "qemu-system-x86"), ("qemu-img", "qemu-utils"),
    ];

    /// <summary>Complains when this process or this machine cannot run a lab.</summary>
    /// <exception cref="LabException">
    /// Not root, in a chroot, or Debian packages are missing; the message names them.
    /// </exception>
    public static async Task CheckMachineAsync(ProcessRunner runner, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new LabException(
                "A lab makes namespaces and cgroups, which needs root. Next step: run it with sudo.");
        }

        string[] directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        var missing = Needed
            .Where(need => !directories.Any(directory => File.Exists(Path.Combine(directory, need.Program))))
            .Select(need => need.Package)
            .Distinct()
            .ToArray();
        if (missing.Length > 0)
        {
            var names = string.Join(' ', missing);
            throw new LabException($"A lab needs Debian packages that are missing. Next step: apt-get install {names}");
        }

        if (await IsChrootAsync(runner, cancel))
        {
            throw new LabException(
                "A lab cannot run in a chroot: its processes enter mount namespaces, which leads out of the chroot and "
                + "into the system around it. Next step: use a container or systemd-nspawn, or vio demo --sim.");
        }
    }

    // Entering a mount namespace, even one's own, changes the root directory to that of the namespace.
    private static async Task<bool> IsChrootAsync(ProcessRunner runner, CancellationToken cancel)
    {
        const string Mounts = "/proc/self/mountinfo";
        var entered = await runner.TryAsync(
            new ProcessCommand("nsenter", "--mount=/proc/self/ns/mnt", "--", "cat", Mounts), cancel);
        return entered.ExitCode == 0
            && !RootMounts(entered.Output.Split('\n')).SequenceEqual(RootMounts(File.ReadLines(Mounts)));
    }

    // None in a chroot on a plain directory; another than the namespace's in a chroot on a mount.
    private static IEnumerable<string> RootMounts(IEnumerable<string> mountInfo) => mountInfo
        .Select(line => line.Split(' '))
        .Where(fields => fields.Length > 4 && fields[4] == "/")
        .Select(fields => fields[0]);

    /// <summary>Makes one machine up to the point where processes can be started in it.</summary>
    public async Task MakeAsync(LabMachine machine, VioProgram program, CancellationToken cancel)
    {
        await MakeDirectoriesAsync(machine, cancel);
        if (machine.HasLibvirt)
        {
            WriteLibvirtConfiguration(machine);
        }

        cgroups.Create(machine.Namespace, machine.Cores);
        await HoldAsync(machine, program, cancel);
    }

    private async Task MakeDirectoriesAsync(LabMachine machine, CancellationToken cancel)
    {
        await DirectoryAsync(machine.Root, "root", "root", "0755", cancel);
        if (machine.HasLibvirt)
        {
            foreach (var (source, _) in machine.Binds)
            {
                await DirectoryAsync(source, "root", "root", "0755", cancel);
            }

            // QEMU opens disks, and at the target of a move makes a socket: its group may enter, and write where it
            // must.
            var qemu = Accounts.QemuUser;
            await DirectoryAsync(Path.Combine(machine.StateDirectory, "images"), "root", "root", "0755", cancel);
            await DirectoryAsync(Path.Combine(machine.StateDirectory, "disks"), "root", qemu, "0750", cancel);
            await DirectoryAsync(Path.Combine(machine.StateDirectory, "log"), "root", "root", "0755", cancel);
            await DirectoryAsync(Path.Combine(machine.RunDirectory, "move"), "root", qemu, "0770", cancel);
            var switchUser = plan.UserId.ToString(CultureInfo.InvariantCulture);
            await DirectoryAsync(
                Path.Combine(machine.RunDirectory, "switchd"), switchUser, switchUser, "0750", cancel);
            return;
        }

        var user = plan.UserId.ToString(CultureInfo.InvariantCulture);
        await DirectoryAsync(machine.RunDirectory, user, user, "0755", cancel);
        await DirectoryAsync(machine.StateDirectory, user, user, "0750", cancel);
        await DirectoryAsync(machine.ConfigDirectory, "root", user, "0750", cancel);
    }

    private Task DirectoryAsync(string path, string owner, string group, string mode, CancellationToken cancel) =>
        runner.RunAsync(new ProcessCommand("install", "-d", "-o", owner, "-g", group, "-m", mode, path), cancel);

    // Empty but for what makes the host ours: no TCP, no polkit, QEMU under its own user. The machine's own files are
    // not read.
    private static void WriteLibvirtConfiguration(LabMachine machine)
    {
        var etc = Path.Combine(machine.Root, "libvirt-etc");
        Directory.CreateDirectory(Path.Combine(etc, "qemu"));
        File.WriteAllText(
            Path.Combine(etc, "libvirtd.conf"),
            $"""
            host_uuid = "{machine.Uuid}"
            auth_unix_rw = "none"
            unix_sock_rw_perms = "0700"

            """);
        File.WriteAllText(
            Path.Combine(etc, "qemu.conf"),
            $"""
            user = "{Accounts.QemuUser}"
            group = "{Accounts.QemuUser}"
            security_driver = "none"
            namespaces = []

            """);
        File.WriteAllText(Path.Combine(etc, "virtlogd.conf"), "max_clients = 1024\n");
    }

    private async Task HoldAsync(LabMachine machine, VioProgram program, CancellationToken cancel)
    {
        var script = Path.Combine(machine.Root, "hold.sh");
        var ready = Path.Combine(machine.Root, "ready");
        var log = Path.Combine(plan.LogDirectory, machine.Name + "-namespaces.log");
        await File.WriteAllTextAsync(script, EmbeddedScript.Text("hold.sh"), cancel);
        var binds = program.Bind is { } extra ? machine.Binds.Append(extra) : machine.Binds;
        string[] command =
        [
            "nsenter", $"--net={LabNetwork.NamespaceDirectory}/{machine.Namespace}", "--",
            "unshare", "--cgroup", "--mount", "--uts", "--",
            "sh", script, machine.Namespace, ready, cgroups.MountList,
            .. binds.SelectMany(bind => new[] { bind.Source, bind.Target }),
        ];
        using var holder = LabSupervisor.Launch(
            plan,
            LabSupervisor.Enter(log, cgroups.JoinFiles(machine.Namespace, first: true), command),
            new Dictionary<string, string>());
        var record = PidRecord.Of(holder.Id);
        record?.Save(Path.Combine(plan.PidDirectory, machine.Name + "-namespaces"));
        await signals.WaitAsync(() => File.Exists(ready) || PidRecord.Of(holder.Id) is null, HoldTime, cancel);
        if (!File.Exists(ready) || record is null)
        {
            var said = File.Exists(log) ? (await File.ReadAllTextAsync(log, cancel)).Trim() : "nothing";
            throw new LabException(
                $"The namespaces of machine {machine.Name} of lab {plan.Id} could not be made: {said}. A lab needs the "
                + "right to mount and to make namespaces; inside a container that means a privileged one.");
        }

        if (cgroups.IsV2)
        {
            foreach (var file in cgroups.JoinFiles(machine.Namespace))
            {
                await File.WriteAllTextAsync(file, holder.Id.ToString(CultureInfo.InvariantCulture), cancel);
            }
        }
    }
}
