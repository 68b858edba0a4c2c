using VioActors.Daemon.Shell;
using VioActors.Libvirt;

namespace VioActors.Daemon.Lab;

/// <summary>Brings labs up.</summary>
internal sealed class LabFactory(TimeProvider time)
{
    private static readonly TimeSpan LibvirtTime = TimeSpan.FromSeconds(30);
    private readonly ProcessRunner _runner = new(time);

    /// <summary>
    /// Makes the machines and their network, starts virtlogd and libvirtd on each host, waits until they answer, and
    /// lets the caller start our own processes. On failure or cancellation nothing is left.
    /// </summary>
    /// <param name="options">What the lab is.</param>
    /// <param name="populate">Starts what runs in the machines besides libvirtd.</param>
    /// <param name="progress">Gets steps now, and later what the supervisor sees.</param>
    /// <param name="cancel">Takes the half-made lab down again.</param>
    /// <exception cref="LabException">The machine cannot run a lab, or this id is taken.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public async Task<LabInstance> UpAsync(
        LabOptions options, LabPopulate populate, IProgress<LabEvent> progress, CancellationToken cancel)
    {
        var plan = LabPlan.From(options, AllowedCores(), Accounts.UsedIds());
        // Without it every start of a machine takes many seconds where the first process does not reap.
        OrphanReaper.Start(time);
        await LabBuilder.CheckMachineAsync(_runner, cancel);
        var linksBefore = LabInventory.LinkNames();
        if (LabRecord.Load(plan.Root) is not null || LabInventory.FindProcesses(plan.Id).Count > 0)
        {
            throw new LabException(
                $"Lab {plan.Id} exists. Next step: vio lab down --id {plan.Id}, or take another id.");
        }

        CreateRoot(plan);
        Save(plan, linksBefore, "starting");
        PidRecord.Of(Environment.ProcessId)?.Save(Path.Combine(plan.PidDirectory, LabInstance.SupervisorRecord));
        var cgroups = Cgroups.Detect();
        var signals = new Signals(_runner, time);
        var supervisor = new LabSupervisor(plan, cgroups, signals, time, progress);
        try
        {
            progress.Report(new LabEvent($"lab {plan.Id}: network", 0.1));
            var program = VioProgram.CopyInto(plan);
            await new LabNetwork(_runner).CreateAsync(plan, cancel);
            var builder = new LabBuilder(plan, cgroups, _runner, signals);
            progress.Report(new LabEvent($"lab {plan.Id}: machines", 0.3));
            await Task.WhenAll(plan.Machines.Select(machine => builder.MakeAsync(machine, program, cancel)));
            progress.Report(new LabEvent($"lab {plan.Id}: libvirtd", 0.5));
            await Task.WhenAll(plan.Hosts.Select(host => StartLibvirtAsync(host, supervisor, signals, plan, cancel)));
            var lab = new LabInstance(plan, program, supervisor, _runner, time, linksBefore);
            progress.Report(new LabEvent($"lab {plan.Id}: server and agents", 0.7));
            await populate(lab, progress, cancel);
            Save(plan, linksBefore, "up");
            progress.Report(new LabEvent($"lab {plan.Id} is up", 1));
            return lab;
        }
        catch
        {
            await supervisor.StopAllAsync(CancellationToken.None);
            await new LabCleanup(_runner, time).RunAsync(plan.Id, options.BaseDirectory, CancellationToken.None);
            throw;
        }
    }

    private static IReadOnlyList<int> AllowedCores()
    {
        const string Field = "Cpus_allowed_list:";
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(Field, StringComparison.Ordinal));
        return LabPlan.ParseCores(line[Field.Length..]);
    }

    private static void CreateRoot(LabPlan plan)
    {
        Directory.CreateDirectory(plan.PidDirectory);
        Directory.CreateDirectory(plan.LogDirectory);
        const UnixFileMode Open = (UnixFileMode)0x1ED; // 0755: the unprivileged user must pass through.
        File.SetUnixFileMode(plan.Root, Open);
        if (!VioProgram.IsOpenToAll(plan.Root))
        {
            throw new LabException($"'{plan.Root}' cannot be entered by every user. Next step: chmod o+x its parents.");
        }
    }

    private void Save(LabPlan plan, IEnumerable<string> linksBefore, string phase) => new LabRecord
    {
        Id = plan.Id,
        Hosts = plan.Hosts.Count,
        StartedAt = time.GetUtcNow(),
        LinksBefore = [.. linksBefore],
        Phase = phase,
    }.Save(plan.Root);

    private async Task StartLibvirtAsync(
        LabMachine host, LabSupervisor supervisor, Signals signals, LabPlan plan, CancellationToken cancel)
    {
        foreach (var process in LabDefaults.Libvirt(host))
        {
            supervisor.Start(process);
        }

        var ask = new ProcessCommand("virsh", "-c", host.LibvirtUri, "uri") { Timeout = LibvirtTime };
        var answered = await signals.WaitAsync(() => File.Exists(host.LibvirtSocketPath), LibvirtTime, cancel)
            && (await _runner.TryAsync(ask, cancel)).ExitCode == 0;
        if (!answered)
        {
            var log = Path.Combine(plan.LogDirectory, $"{host.Name}-libvirtd.log");
            const int LastLines = 3;
            var said = File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(LastLines)) : "nothing";
            throw new LabException(
                $"libvirtd of {host.Name} did not answer within {LibvirtTime.TotalSeconds:0} s. It said last: {said}");
        }
    }
}
