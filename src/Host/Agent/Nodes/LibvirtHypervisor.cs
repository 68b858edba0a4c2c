using System.Collections.Concurrent;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Moves;
using VioActors.Daemon.Shell;
using VioActors.Libvirt;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>What the libvirt adapter is made of.</summary>
internal sealed record LibvirtParts
{
    /// <summary>What the agent was told.</summary>
    public required AgentOptions Options { get; init; }

    /// <summary>libvirt's domain type, <c>qemu</c> or <c>kvm</c>.</summary>
    public required string DomainType { get; init; }

    /// <summary>The host's libvirtd.</summary>
    public required LibvirtLink Libvirt { get; init; }

    /// <summary>Where things are.</summary>
    public required NodeFiles Files { get; init; }

    /// <summary>Brings a file of an image to this host.</summary>
    public required Func<Blob, CancellationToken, Task> Fetch { get; init; }

    /// <summary>Ways in for moves.</summary>
    public required MoveGate Gate { get; init; }

    /// <summary>Sockets of moves.</summary>
    public required MovePaths Paths { get; init; }

    /// <summary>Moves out.</summary>
    public required LibvirtMoves Moves { get; init; }

    /// <summary>Gives files to QEMU.</summary>
    public required QemuOwner Owner { get; init; }

    /// <summary>Where machines listen for the switch.</summary>
    public required PortSockets PortSockets { get; init; }

    /// <summary>Runs programs.</summary>
    public required ProcessRunner Runner { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Waits for a node's port.</summary>
    public required PortWait Port { get; init; }
}

/// <summary>Machines of this host through libvirt. Domains are transient: what libvirtd lists is what runs.</summary>
internal sealed class LibvirtHypervisor(LibvirtParts parts) : IHypervisor
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private readonly LibvirtLink _libvirt = parts.Libvirt;
    private readonly CpuSettings? _cpu =
        LibvirtSocket.IsSession(parts.Options.LibvirtUri) ? null : CpuSettings.Detect();
    private readonly ControlGroups _groups = new("/sys/fs/cgroup");
    private readonly OverlayDisk _overlay = new(parts.Runner, parts.Owner);

    private readonly ConcurrentDictionary<OperationId, CancellationTokenSource> _sending = new();

    private HypervisorFacts? _facts;

    /// <inheritdoc/>
    public MachineEnds Ends => _libvirt.Ends;

    /// <inheritdoc/>
    /// <remarks>Asked once: libvirtd starts QEMU to find out, which can take many seconds on a busy host.</remarks>
    public async Task<HypervisorFacts> FactsAsync(CancellationToken cancel) => _facts ??= await ReadFactsAsync(cancel);

    /// <inheritdoc/>
    public async Task PrepareAsync(NodeShape shape, CancellationToken cancel)
    {
        CpuSettings.Require(_cpu, shape.Node, shape.CpuWeight, shape.CpuQuotaPercent);
        try
        {
            parts.Files.Create(shape.Node);
            await parts.Owner.GiveAsync(parts.Files.SerialLog(shape.Node), cancel);
            var image = shape.Image;
            foreach (var blob in (Blob?[])[image.Kernel, image.Initrd, image.Disk])
            {
                if (blob is not null) await parts.Fetch(blob, cancel);
            }
            if (image.Disk is { } disk)
                await _overlay.CreateAsync(parts.Files.Disk(shape.Node), parts.Files.Image(disk), disk, cancel);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HypervisorException(
                "prepare-failed", $"Node {shape.Node} could not be prepared: {failed.Message}.",
                "Check the host's disk space and that the image's files are in the site's store.", failed);
        }
    }

    /// <inheritdoc/>
    public async Task StartAsync(NodeShape shape, CancellationToken cancel)
    {
        var found = await FindAsync(shape.Node, cancel);
        if (found?.State == DomainState.Running) return;
        if (found?.IsActive == true)
        {
            await _libvirt.CallAsync(connection => connection.Domains.ResumeAsync(shape.Node.Uuid, cancel), cancel);
            return;
        }
        await PrepareAsync(shape, cancel);
        await PortAsync(shape.Node, cancel);
        var xml = Xml(shape);
        await _libvirt.CallAsync(connection => connection.Domains.CreateTransientAsync(xml, cancel: cancel), cancel);
    }

    /// <inheritdoc/>
    public async Task StopAsync(NodeId node, TimeSpan grace, CancellationToken cancel)
    {
        if (await FindAsync(node, cancel) is not { } found) return;
        if (grace > TimeSpan.Zero && found.State == DomainState.Running) await AskToEndAsync(node, grace, cancel);
        try
        {
            await _libvirt.CallAsync(connection => connection.Domains.DestroyAsync(node.Uuid, cancel), cancel);
        }
        catch (HypervisorException) when (!cancel.IsCancellationRequested)
        {
            // Fine when it ended meanwhile, as a machine does whose end is asked while libvirtd takes it back.
            if (await FindAsync(node, cancel) is { IsActive: true }) throw;
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(NodeId node, CancellationToken cancel)
    {
        parts.Gate.Close(node);
        await StopAsync(node, TimeSpan.Zero, cancel);
        try
        {
            _groups.Remove(node);
            parts.Files.Remove(node);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new HypervisorException(
                "remove-failed",
                $"The files of node {node} could not be removed: {failed.Message}.", "Remove it again.", failed);
        }
    }

    /// <inheritdoc/>
    public async Task ResizeAsync(NodeId node, NodeResources resources, CancellationToken cancel)
    {
        var statistics = await StatisticsAsync(node, cancel);
        if (statistics?.State != DomainState.Running)
            throw new HypervisorException("not-running", $"Node {node} does not run on this host.", "Start it first.");
        CpuSettings.Require(_cpu, node, resources.CpuWeight, resources.CpuQuotaPercent);
        if (_cpu is { } cpu)
        {
            var quota = resources.CpuQuotaPercent is { } percent
                ? CpuSettings.QuotaUs(percent, Math.Max(1, statistics.Vcpus.Count)) : -1;
            var scheduler = new SchedulerSettings(cpu.Shares(resources.CpuWeight), quota, CpuSettings.PeriodUs);
            await _libvirt.CallAsync(
                connection => connection.Resources.SetSchedulerAsync(node.Uuid, scheduler, cancel), cancel);
        }
        if (resources.MemoryMiB is { } memory)
            await new Balloon(_libvirt, parts.Clock).SetAsync(node, memory, statistics.BalloonMaximum, cancel);
    }

    /// <inheritdoc/>
    public async Task<NodeObservation> ObserveAsync(NodeId node, CancellationToken cancel)
    {
        var found = await FindAsync(node, cancel);
        var seen = Look(node, found?.State ?? DomainState.None);
        if (seen.Presence != NodePresence.Running) return seen;
        try
        {
            var memory = await _libvirt.CallAsync(
                connection => connection.Resources.GetMemoryAsync(node.Uuid, cancel), cancel);
            return seen with { ActualMemoryMiB = memory.Actual is { } bytes ? (int)(bytes >> 20) : null };
        }
        catch (HypervisorException) when (!cancel.IsCancellationRequested)
        {
            // Gone or busy between the two questions: look again without its memory.
            return Look(node, (await FindAsync(node, cancel))?.State ?? DomainState.None);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Console(NodeId node, int lines)
    {
        try
        {
            return SerialLog.LastLines(parts.Files.SerialLog(node), lines);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeObservation>> ListAsync(CancellationToken cancel)
    {
        var all = await _libvirt.CallAsync(connection => connection.Resources.GetAllStatisticsAsync(cancel), cancel);
        return
        [
            .. all.Where(one => one.Name == NodeId.Of(one.Id).DomainName).Select(one =>
            {
                var seen = Look(NodeId.Of(one.Id), one.State);
                return seen.Presence == NodePresence.Running && one.BalloonCurrent is { } bytes
                    ? seen with { ActualMemoryMiB = (int)(bytes >> 20) } : seen;
            }),
        ];
    }

    /// <inheritdoc/>
    public async Task PrepareIncomingAsync(IncomingMove move, CancellationToken cancel)
    {
        var node = move.Shape.Node;
        if (await FindAsync(node, cancel) is { State: DomainState.Running })
            throw new HypervisorException(FailureCode.AlreadyHere,
                $"Node {node} runs on this host already.", "Observe both hosts.");
        var facts = await FactsAsync(cancel);
        if (!facts.MachineTypes.Contains(move.Shape.MachineType) || !facts.CpuModels.Contains(move.Shape.CpuModel))
            throw new HypervisorException(
                "no-such-machine",
                $"This host cannot run machine type '{move.Shape.MachineType}' with CPU model '{move.Shape.CpuModel}'.",
                "Move the node to a host that has both.");
        await PrepareAsync(move.Shape, cancel);
        await PortAsync(node, cancel);
        try
        {
            Directory.CreateDirectory(parts.Paths.Here);
            await parts.Owner.DirectoryAsync(parts.Paths.Directory(move.Move), gid: null, cancel);
            await File.WriteAllTextAsync(parts.Files.IncomingMark(node), move.Move.Value, cancel);
        }
        catch (Exception failed) when (failed is ProcessFailedException or IOException or UnauthorizedAccessException)
        {
            throw new HypervisorException(
                "prepare-failed", $"The sockets of move {move.Move} could not be made: {failed.Message}.",
                "Check qemuUser in the agent's configuration and the host's disk space.", failed);
        }
        parts.Gate.Open(
            move.Move,
            new IncomingGuest(
                node, Xml(move.Shape), Uri(move.Move, MoveStream.Memory), Uri(move.Move, MoveStream.Disk),
                LibvirtSocket.NameOf(parts.Options.LibvirtUri)),
            move.From);
    }

    /// <inheritdoc/>
    public async Task<MoveStatistics> MoveAsync(
        OutgoingMove move, Action<MoveProgress> progress, CancellationToken cancel)
    {
        // Not disposed of: an abort may just be about to cancel it.
        var abort = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, abort.Token);
        _sending[move.Move] = abort;
        try
        {
            if (await FindAsync(move.Shape.Node, either.Token) is not { State: DomainState.Running })
                throw new HypervisorException(
                    "not-running", $"Node {move.Shape.Node} does not run on this host.", "Observe both hosts.");
            return await parts.Moves.SendAsync(move, progress, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new HypervisorException(
                "move-aborted", $"Move {move.Move} of node {move.Shape.Node} was aborted.",
                "Move it again if it should move.");
        }
        finally
        {
            _sending.TryRemove(move.Move, out _);
        }
    }

    /// <inheritdoc/>
    public async Task AbortMoveAsync(NodeId node, OperationId move, CancellationToken cancel)
    {
        parts.Gate.Close(move);
        if (parts.Files.IncomingMove(node) == move)
        {
            File.Delete(parts.Files.IncomingMark(node));
            parts.Paths.Remove(move);
            return;
        }
        if (_sending.TryGetValue(move, out var sending))
        {
            // Also before libvirt knows of a job: the sending goes on aborting until libvirt has ended it.
            await sending.CancelAsync();
            return;
        }
        if (await FindAsync(node, cancel) is null) return;
        var job = await _libvirt.CallAsync(
            connection => connection.Migrations.GetProgressAsync(node.Uuid, cancel), cancel);
        if (job.Kind is not (JobKind.Bounded or JobKind.Unbounded)) return;
        try
        {
            await _libvirt.CallAsync(connection => connection.Migrations.AbortJobAsync(node.Uuid, cancel), cancel);
        }
        catch (HypervisorException) when (!cancel.IsCancellationRequested)
        {
            // It ended between the question and the abort, or is past the point: its own result tells.
        }
    }

    private async Task<HypervisorFacts> ReadFactsAsync(CancellationToken cancel)
    {
        var (machine, cpu) = (parts.Options.MachineType, parts.Options.CpuModel);
        var info = await _libvirt.CallAsync(connection => connection.Host.GetInfoAsync(cancel), cancel);
        var can = await _libvirt.CallAsync(
            connection => connection.Host.GetGuestCapabilitiesAsync(parts.DomainType, "x86_64", machine, cancel),
            cancel);
        if (!can.MachineTypes.Contains(machine) || !can.CpuModels.Contains(cpu))
            throw new HypervisorException(
                "no-such-machine",
                $"QEMU {info.HypervisorVersion} has no machine type '{machine}' with CPU model '{cpu}' here.",
                "Correct machineType and cpuModel in the agent's configuration.");
        return new HypervisorFacts(
            $"qemu {info.HypervisorVersion}",
            [machine, .. can.MachineTypes.Where(one => one != machine).Order(StringComparer.Ordinal)],
            [cpu, .. can.CpuModels.Where(one => one != cpu).Order(StringComparer.Ordinal)]);
    }

    private string Xml(NodeShape shape) =>
        new DomainXml(parts.Files, parts.DomainType, _cpu, parts.Options.Port).Of(shape);

    private string Uri(OperationId move, MoveStream stream) => "unix://" + parts.Paths.Seen(move, stream);

    private Task<DomainInfo?> FindAsync(NodeId node, CancellationToken cancel) =>
        _libvirt.CallAsync(connection => connection.Domains.LookupAsync(node.Uuid, cancel), cancel);

    private async Task<DomainStatistics?> StatisticsAsync(NodeId node, CancellationToken cancel) =>
        (await _libvirt.CallAsync(connection => connection.Resources.GetAllStatisticsAsync(cancel), cancel))
            .FirstOrDefault(one => one.Id == node.Uuid);

    private NodeObservation Look(NodeId node, DomainState state)
    {
        var mark = parts.Files.IncomingMove(node);
        if (state == DomainState.Running && mark is { } arrived)
        {
            File.Delete(parts.Files.IncomingMark(node));
            parts.Paths.Remove(arrived);
        }
        return new NodeObservation
        {
            Node = node,
            Presence = state switch
            {
                DomainState.None or DomainState.Shutoff or DomainState.Crashed => NodePresence.Absent,
                DomainState.Paused => mark is null ? NodePresence.Paused : NodePresence.Incoming,
                _ => NodePresence.Running,
            },
        };
    }

    private async Task AskToEndAsync(NodeId node, TimeSpan grace, CancellationToken cancel)
    {
        await _libvirt.CallAsync(connection => connection.Domains.ShutdownAsync(node.Uuid, cancel), cancel);
        for (var started = parts.Clock.GetTimestamp(); parts.Clock.GetElapsedTime(started) < grace;)
        {
            if (await FindAsync(node, cancel) is not { IsActive: true }) return;
            await Task.Delay(LookInterval, parts.Clock, cancel);
        }
    }

    private async Task PortAsync(NodeId node, CancellationToken cancel)
    {
        parts.PortSockets.RemoveStale(node);
        await parts.Port.ForAsync(node, cancel);
    }
}
