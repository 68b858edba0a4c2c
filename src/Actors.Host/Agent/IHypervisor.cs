using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Agent;

/// <summary>
/// What an agent needs of the thing that runs machines on one host. Every call is idempotent: done again it finds the
/// work done, and after a crash in the middle it completes it. All methods may be called from any thread; the agent
/// never runs two changing calls for one node at the same time, except <see cref="AbortMoveAsync"/>, which interrupts
/// <see cref="MoveAsync"/>. Failures of the environment are <see cref="HypervisorException"/>.
/// </summary>
public interface IHypervisor
{
    /// <summary>Tells of every machine that ends here, whoever ended it; not of one that moved away.</summary>
    MachineEnds Ends { get; }

    /// <summary>What runs machines here and what it can run.</summary>
    Task<HypervisorFacts> FactsAsync(CancellationToken cancel);

    /// <summary>Makes the image's files and the node's disk present. Keeps a disk that is there already.</summary>
    Task PrepareAsync(NodeShape shape, CancellationToken cancel);

    /// <summary>Starts the machine, preparing it first if needed; fine when it runs.</summary>
    Task StartAsync(NodeShape shape, CancellationToken cancel);

    /// <summary>
    /// Ends the machine and keeps its disk; asks the guest first unless <paramref name="grace"/> is zero.
    /// </summary>
    Task StopAsync(NodeId node, TimeSpan grace, CancellationToken cancel);

    /// <summary>Ends the machine and removes all that the host keeps of it.</summary>
    Task RemoveAsync(NodeId node, CancellationToken cancel);

    /// <summary>Changes what a running machine gets; returns when the guest confirmed its memory.</summary>
    Task ResizeAsync(NodeId node, NodeResources resources, CancellationToken cancel);

    /// <summary>One look at a node; absent when there is nothing. The run in it is 0: that is the ledger's.</summary>
    Task<NodeObservation> ObserveAsync(NodeId node, CancellationToken cancel);

    /// <summary>
    /// The last lines on the node's console, oldest first, as the guest wrote them; none when there are none.
    /// </summary>
    IReadOnlyList<string> Console(NodeId node, int lines);

    /// <summary>One look at every machine of ours on this host.</summary>
    Task<IReadOnlyList<NodeObservation>> ListAsync(CancellationToken cancel);

    /// <summary>Makes disk and image present and opens the way in for this move, from that host only.</summary>
    Task PrepareIncomingAsync(IncomingMove move, CancellationToken cancel);

    /// <summary>
    /// Copies the running machine to the other host and returns when the job has ended well; the machine is then gone
    /// here. After a failure it still runs here, or nobody can tell: observe both hosts.
    /// </summary>
    /// <param name="move">What goes where.</param>
    /// <param name="progress">Called with how far the job is; never after the task has ended.</param>
    /// <param name="cancel">Gives up waiting and the job with it, best effort.</param>
    Task<MoveStatistics> MoveAsync(OutgoingMove move, Action<MoveProgress> progress, CancellationToken cancel);

    /// <summary>Ends the job of this move if one runs and closes its way in or out; fine when there is none.</summary>
    Task AbortMoveAsync(NodeId node, OperationId move, CancellationToken cancel);
}

/// <summary>What runs machines on a host.</summary>
/// <param name="Hypervisor"><c>qemu</c> or <c>sim</c>, with its version.</param>
/// <param name="MachineTypes">Machine types it can run.</param>
/// <param name="CpuModels">CPU models it can run.</param>
public sealed record HypervisorFacts(
    string Hypervisor, IReadOnlyList<string> MachineTypes, IReadOnlyList<string> CpuModels);

/// <summary>What a running machine gets of its host.</summary>
/// <param name="MemoryMiB">Balloon target, MiB; null leaves its memory alone and waits for none.</param>
/// <param name="CpuWeight">Share of a busy host, 1 to 10000.</param>
/// <param name="CpuQuotaPercent">Hard limit in percent of one core; null is none.</param>
public sealed record NodeResources(int? MemoryMiB, int CpuWeight, int? CpuQuotaPercent);

/// <summary>A node about to come.</summary>
/// <param name="Move">The operation.</param>
/// <param name="Shape">What will run here.</param>
/// <param name="From">The only host that may send it.</param>
public sealed record IncomingMove(OperationId Move, NodeShape Shape, HostId From);

/// <summary>A node about to leave.</summary>
/// <param name="Move">The operation.</param>
/// <param name="Shape">What runs here.</param>
/// <param name="To">Where it goes.</param>
/// <param name="ToEndpoint">The target agent's address for move streams, <c>ip:port</c>.</param>
/// <param name="BandwidthMiBps">Most memory copied per second, MiB; null is no limit.</param>
public sealed record OutgoingMove(
    OperationId Move, NodeShape Shape, HostId To, string ToEndpoint, int? BandwidthMiBps);

/// <summary>The hypervisor, or something it needs, failed. Names the thing, the limit and the next step.</summary>
/// <param name="code">Stable code for programs.</param>
/// <param name="reason">One sentence that names the thing and the limit.</param>
/// <param name="remedy">One sentence: the next step.</param>
/// <param name="inner">The cause; its text is not repeated in the reason unless it is the reason.</param>
public sealed class HypervisorException(string code, string reason, string remedy, Exception? inner = null)
    : Exception($"{reason} {remedy}", inner)
{
    /// <summary>The failure as an answer to a server.</summary>
    public Failure Failure { get; } = new(code, reason, remedy);
}
