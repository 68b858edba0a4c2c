using VioActors.Contracts;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>
/// What the demo needs of the place it runs in, beside the API: faults, and counts that are not our own records.
/// Disposing takes everything down.
/// </summary>
internal interface IDemoSite : IAsyncDisposable
{
    /// <summary><c>qemu</c> or <c>sim</c>.</summary>
    string Hypervisor { get; }

    /// <summary>Whether real guests run that report facts on their serial lines.</summary>
    bool HasGuests { get; }

    /// <summary>Where the server's API is.</summary>
    ServerAddress Address { get; }

    /// <summary>Makes the images known that the demo's environment names.</summary>
    Task AddImagesAsync(ApiClient api, IStepView view, CancellationToken cancel);

    /// <summary>The process id of the server now; null while it is down.</summary>
    int? ServerPid { get; }

    /// <summary>SIGKILL for the server; it is started again.</summary>
    Task KillServerAsync(CancellationToken cancel);

    /// <summary>SIGKILL for a host's agent; it is started again.</summary>
    Task KillAgentAsync(string host, CancellationToken cancel);

    /// <summary>SIGKILL for a host's switch; it is started again.</summary>
    Task KillSwitchAsync(string host, CancellationToken cancel);

    /// <summary>How many copies of a node execute, by looking at the machine.</summary>
    int CopiesRunning(NodeId node);

    /// <summary>CPU time that the node's machine has got of its host so far; null if n/a.</summary>
    TimeSpan? CpuTime(NodeId node);

    /// <summary>
    /// Control of <see cref="CopiesRunning"/>: the count while one more with the node's marker runs; null if n/a.
    /// </summary>
    Task<int?> CopiesWithOneMoreAsync(NodeId node, CancellationToken cancel);

    /// <summary>Control of crossing frames: how many cross while the switches' isolation is off; null if n/a.</summary>
    Task<long?> CrossingsWithoutIsolationAsync(ApiClient api, CancellationToken cancel);

    /// <summary>
    /// Control of what is left over: how many more things are counted while a link is left on purpose; null if n/a.
    /// </summary>
    Task<int?> LeftOverWithOneMoreAsync(CancellationToken cancel);

    /// <summary>Takes everything down and counts what is left. May be repeated.</summary>
    Task<DemoLeftOver> DownAsync(CancellationToken cancel);
}

/// <summary>What is left after the end.</summary>
/// <param name="Count">Processes, namespaces, cgroups, bridges, TAPs and files.</param>
/// <param name="What">One line each.</param>
internal sealed record DemoLeftOver(int Count, IReadOnlyList<string> What);
