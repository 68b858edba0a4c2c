using System.Globalization;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary>A living lab, supervised by this process. Thread-safe. Disposing takes it down.</summary>
internal sealed class LabInstance : IAsyncDisposable
{
    /// <summary>File name of the supervising process's record.</summary>
    public const string SupervisorRecord = "supervisor";

    private readonly string _baseDirectory;
    private readonly LabSupervisor _supervisor;
    private readonly ProcessRunner _runner;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _linksBefore;

    internal LabInstance(
        LabPlan plan, VioProgram program, LabSupervisor supervisor, ProcessRunner runner, TimeProvider time,
        IEnumerable<string> linksBefore)
    {
        Plan = plan;
        Program = program;
        _baseDirectory = Path.GetDirectoryName(plan.Root)!;
        _supervisor = supervisor;
        _runner = runner;
        _time = time;
        _linksBefore = [.. linksBefore];
    }

    /// <summary>Names, directories, addresses.</summary>
    public LabPlan Plan { get; }

    /// <summary>How to start our own executable inside a machine.</summary>
    public VioProgram Program { get; }

    /// <summary>The machine of the server.</summary>
    public LabMachine Server => Plan.Server;

    /// <summary>The machines with libvirtd.</summary>
    public IReadOnlyList<LabMachine> Hosts => Plan.Hosts;

    /// <summary>Starts and from now on watches a process.</summary>
    public void Start(LabProcess process) => _supervisor.Start(process);

    /// <summary>The process id now, or null while it is down.</summary>
    public int? PidOf(string name) => _supervisor.RecordOf(name)?.Pid;

    /// <summary>SIGKILL, as a fault; a process that restarts comes back.</summary>
    public Task KillAsync(string name, CancellationToken cancel = default) => _supervisor.KillAsync(name, cancel);

    /// <summary>Ends a process for good.</summary>
    public Task StopAsync(string name, CancellationToken cancel = default) => _supervisor.StopAsync(name, cancel);

    /// <summary>
    /// A command that runs as root in a machine's net, mount and UTS namespaces, for <see cref="ProcessRunner"/>.
    /// </summary>
    public ProcessCommand In(LabMachine machine, params IReadOnlyList<string> command)
    {
        var holder = PidRecord.Load(Path.Combine(Plan.PidDirectory, machine.Name + "-namespaces"))
            ?? throw new LabException($"machine {machine.Name} of lab {Plan.Id} has no namespaces");
        var pid = holder.Pid.ToString(CultureInfo.InvariantCulture);
        return new ProcessCommand("nsenter", ["--target", pid, "--mount", "--uts", "--net", "--", .. command]);
    }

    /// <summary>What exists of this lab now; after <see cref="DownAsync"/> nothing should.</summary>
    public LabInventory Inventory() => LabInventory.Take(Plan.Id, _baseDirectory, _linksBefore);

    /// <summary>Ends everything and removes it. May be repeated. Returns what is left.</summary>
    public async Task<LabInventory> DownAsync(CancellationToken cancel = default)
    {
        await _supervisor.StopAllAsync(cancel);
        await new LabCleanup(_runner, _time).RunAsync(Plan.Id, _baseDirectory, cancel);
        return Inventory();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await DownAsync();
}
