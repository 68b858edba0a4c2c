using System.Xml.Linq;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Agent.Moves;
using VioActors.Libvirt;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>Moves out of this host, with libvirt's peer-to-peer migration over the spliced sockets.</summary>
/// <param name="libvirt">The host's libvirtd.</param>
/// <param name="tls">Identity towards other hosts.</param>
/// <param name="paths">Sockets of moves.</param>
/// <param name="owner">Gives files to QEMU.</param>
/// <param name="self">What this host says of itself when something comes here.</param>
/// <param name="hypervisor">What libvirtd calls its hypervisor, on both hosts.</param>
/// <param name="clock">The clock.</param>
internal sealed class LibvirtMoves(
    LibvirtLink libvirt, AgentTls tls, MovePaths paths, QemuOwner owner, MoveWelcome self, string hypervisor,
    TimeProvider clock)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FiguresLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxDowntime = TimeSpan.FromMilliseconds(200);

    /// <summary>Copies a running machine away; it is gone here when this returns.</summary>
    public async Task<MoveStatistics> SendAsync(
        OutgoingMove move, Action<MoveProgress> progress, CancellationToken cancel)
    {
        await using var sender = await OpenAsync(move, cancel);
        RequireEqual(self, sender.Welcome, move.To);
        var domain = move.Shape.Node.Uuid;
        var xml = await libvirt.CallAsync(
            connection => connection.Domains.GetXmlAsync(domain, forMigration: true, cancel), cancel);
        var ended = libvirt.ExpectCompleted(domain);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var watching = WatchAsync(move, progress, stop.Token);
        try
        {
            await libvirt.CallAsync(
                connection => connection.Migrations.StartMigrationAsync(
                    domain, Request(move, Moved(xml, sender.Welcome)), cancel), cancel);
        }
        catch (HypervisorException failed)
        {
            throw Described(failed, move, sender.Trouble);
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
        }
        return await FiguresAsync(ended, cancel);
    }

    /// <summary>Compares what a running machine cannot change on its way.</summary>
    /// <exception cref="HypervisorException">Something is another; names it.</exception>
    internal static void RequireEqual(MoveWelcome here, MoveWelcome there, HostId to)
    {
        if (there.DomainType != here.DomainType)
            throw new HypervisorException(
                "other-accelerator",
                $"Machines run as '{here.DomainType}' here and as '{there.DomainType}' on host {to}.",
                "Set the same accelerator on both hosts.");
        if (there.NodePorts != here.NodePorts)
            throw new HypervisorException(
                "other-ports",
                $"Nodes have {here.NodePorts} ports here and {there.NodePorts} ports on host {to}.",
                "Move it to a host with the same nodePorts, or stop it here and start it there.");
        if (there.RunDirectory.Length > 0 && there.RunDirectory != here.RunDirectory)
            throw new HypervisorException(
                "other-directories",
                $"Sockets are in '{here.RunDirectory}' here and in '{there.RunDirectory}' on host {to}.",
                "Set the same runDirectory on both hosts: libvirt uses one path for both ends of a move.");
    }

    private static HypervisorException Described(HypervisorException failed, OutgoingMove move, string? trouble)
    {
        var (code, reason, remedy) = failed.Failure;
        if (trouble is not null) reason = $"{reason} ({trouble})";
        // Of a target whose libvirtd died libvirt says only that a socket was closed.
        if (code == LibvirtLink.Failed) remedy = $"{remedy} See also that libvirtd runs on host {move.To}.";
        return new HypervisorException(code, reason, remedy, failed);
    }

    private async Task<MoveSender> OpenAsync(OutgoingMove move, CancellationToken cancel)
    {
        try
        {
            return await MoveSender.OpenAsync(
                tls, paths, clock, move.Move, move.To, move.ToEndpoint, owner.GiveAsync, cancel);
        }
        catch (IOException refused)
        {
            throw new HypervisorException(
                "move-refused", $"Move {move.Move} of node {move.Shape.Node} did not begin: {refused.Message}.",
                "See that the target's agent runs and was told of the move.", refused);
        }
    }

    private MigrationRequest Request(OutgoingMove move, string xml)
    {
        var disk = move.Shape.Image.Disk is not null;
        return new MigrationRequest
        {
            DestinationUri = hypervisor.Replace("qemu:", "qemu+unix:", StringComparison.Ordinal)
                + $"?socket={paths.Seen(move.Move, MoveStream.Control)}",
            MemoryUri = "unix://" + paths.Seen(move.Move, MoveStream.Memory),
            DisksUri = disk ? "unix://" + paths.Seen(move.Move, MoveStream.Disk) : null,
            Disks = disk ? ["vda"] : [],
            DestinationXml = xml,
            BandwidthMiBps = move.BandwidthMiBps,
            MaxDowntime = MaxDowntime,
            AutoConverge = true,
        };
    }

    /// <summary>The running machine's XML with the target's paths; nothing that the guest sees differs.</summary>
    private string Moved(string xml, MoveWelcome target)
    {
        var domain = XElement.Parse(xml);
        var here = self.DataDirectory + "/";
        var moving = domain.Descendants().Attributes()
            .Where(one => one.Value.StartsWith(here, StringComparison.Ordinal));
        foreach (var attribute in moving)
            attribute.Value = Path.Combine(target.DataDirectory, attribute.Value[here.Length..]);
        foreach (var name in (string[])["kernel", "initrd"])
        {
            if (domain.Element("os")?.Element(name) is { } file
                && file.Value.StartsWith(here, StringComparison.Ordinal))
                file.Value = Path.Combine(target.DataDirectory, file.Value[here.Length..]);
        }
        return domain.ToString();
    }

    private async Task WatchAsync(OutgoingMove move, Action<MoveProgress> progress, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(LookInterval, clock, cancel);
                var job = await libvirt.CallAsync(
                    connection => connection.Migrations.GetProgressAsync(move.Shape.Node.Uuid, cancel), cancel);
                if (job.Kind is not (JobKind.Bounded or JobKind.Unbounded)) continue;
                var what = job.DiskTotal > job.DiskProcessed ? "disk" : "memory";
                progress(new MoveProgress(
                    move.Move, job.Fraction, $"{what}, {job.DataRemaining >> 20} of {job.DataTotal >> 20} MiB left"));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or HypervisorException)
        {
            // The job is over; its own result tells how.
        }
    }

    private async Task<MoveStatistics> FiguresAsync(Task<JobProgress> ended, CancellationToken cancel)
    {
        try
        {
            var job = await ended.WaitAsync(FiguresLimit, clock, cancel);
            return new MoveStatistics(
                (long)job.Downtime.TotalMilliseconds, (long)job.Elapsed.TotalMilliseconds, job.MemoryProcessed,
                job.DiskProcessed);
        }
        catch (TimeoutException)
        {
            // The move is done all the same; only its figures were lost with the event.
            return new MoveStatistics(0, 0, 0, 0);
        }
    }
}
