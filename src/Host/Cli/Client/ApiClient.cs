using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Every call of the HTTP API that the CLI and the demo use, typed. Thread-safe; owns its connection.
/// </summary>
internal sealed class ApiClient(ApiConnection connection) : IDisposable
{
    private static readonly object Empty = new();

    /// <summary>Whether it serves.</summary>
    public Task<HealthView> HealthAsync(CancellationToken cancel) =>
        connection.GetAsync<HealthView>("health", cancel);

    /// <summary>Makes an environment equal to the spec, or only says what would change.</summary>
    public Task<ApplyResult> ApplyAsync(EnvironmentSpec spec, bool dryRun, string? owner, CancellationToken cancel) =>
        connection.ChangeAsync<ApplyResult>(
            HttpMethod.Put,
            $"environments?dryRun={(dryRun ? "true" : "false")}{(owner is null ? "" : "&owner=" + Escape(owner))}",
            spec, cancel);

    /// <summary>All environments the caller may see.</summary>
    public Task<ImmutableArray<EnvironmentView>> EnvironmentsAsync(CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<EnvironmentView>>("environments", cancel);

    /// <summary>One environment by id, name or <c>owner~name</c>.</summary>
    public Task<EnvironmentView> EnvironmentAsync(string environment, CancellationToken cancel) =>
        connection.GetAsync<EnvironmentView>($"environments/{Escape(environment)}", cancel);

    /// <summary>Removes an environment.</summary>
    public Task<Accepted> DeleteEnvironmentAsync(string environment, CancellationToken cancel) =>
        connection.ChangeAsync<Accepted>(HttpMethod.Delete, $"environments/{Escape(environment)}", null, cancel);

    /// <summary>Pings a node from a host's prober; answers when the series is over.</summary>
    public Task<PingFigures> PingAsync(string environment, PingBody ping, CancellationToken cancel) =>
        connection.ChangeAsync<PingFigures>(
            HttpMethod.Post, $"environments/{Escape(environment)}/ping", ping, cancel,
            ApiConnection.AnswerTime + TimeSpan.FromMilliseconds((double)ping.Count * ping.IntervalMs));

    /// <summary>Makes a host's own machine a node; a server that knows no leases gives none.</summary>
    public Task<MachineView> ConnectAsync(
        string environment, MachineBody machine, int leaseSeconds, CancellationToken cancel) =>
        connection.ChangeAsync<MachineView>(
            HttpMethod.Post, $"environments/{Escape(environment)}/machines?leaseSeconds={leaseSeconds}", machine,
            cancel);

    /// <summary>Renews its lease.</summary>
    public Task<MachineView> RenewMachineAsync(
        string environment, string machine, NodeId node, TimeSpan answerTime, CancellationToken cancel) =>
        connection.ChangeAsync<MachineView>(
            HttpMethod.Put, $"environments/{Escape(environment)}/machines/{Escape(machine)}/lease",
            new LeaseBody(node), cancel, answerTime);

    /// <summary>Ends that.</summary>
    public Task<MachineView> DisconnectAsync(string environment, string machine, CancellationToken cancel) =>
        connection.ChangeAsync<MachineView>(
            HttpMethod.Delete, $"environments/{Escape(environment)}/machines/{Escape(machine)}", null, cancel);

    /// <summary>Nodes of one environment, or of all when it is null.</summary>
    public Task<ImmutableArray<NodeView>> NodesAsync(string? environment, CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<NodeView>>(
            environment is null ? "nodes" : "nodes?environment=" + Escape(environment), cancel);

    /// <summary>One node.</summary>
    public Task<NodeView> NodeAsync(NodeName node, CancellationToken cancel) =>
        connection.GetAsync<NodeView>(PathOf(node), cancel);

    /// <summary>Moves a node while it runs.</summary>
    public Task<Accepted> MoveAsync(NodeName node, MoveBody move, CancellationToken cancel) =>
        Do(node, "move", move, cancel);

    /// <summary>Changes what a node gets.</summary>
    public Task<Accepted> ResizeAsync(NodeName node, ResizeBody resize, CancellationToken cancel) =>
        Do(node, "resize", resize, cancel);

    /// <summary>Stops a node; 0 seconds of grace cut its power.</summary>
    public Task<Accepted> StopAsync(NodeName node, int graceSeconds, CancellationToken cancel) =>
        Do(node, "stop", new StopBody(graceSeconds), cancel);

    /// <summary>Starts a stopped node.</summary>
    public Task<Accepted> StartAsync(NodeName node, CancellationToken cancel) => Do(node, "start", Empty, cancel);

    /// <summary>The last lines of a node's serial console.</summary>
    public async Task<ImmutableArray<string>> LogsAsync(NodeName node, int lines, CancellationToken cancel) =>
        (await connection.GetAsync<LogAnswer>($"{PathOf(node)}/logs?lines={lines}", cancel)).Lines;

    /// <summary>Operations, newest first.</summary>
    public Task<ImmutableArray<OperationView>> OperationsAsync(
        string? environment, int limit, CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<OperationView>>(
            $"operations?limit={limit}{(environment is null ? "" : "&environment=" + Escape(environment))}", cancel);

    /// <summary>One operation.</summary>
    public Task<OperationView> OperationAsync(OperationId operation, CancellationToken cancel) =>
        connection.GetAsync<OperationView>($"operations/{Escape(operation.Value)}", cancel);

    /// <summary>Asks an operation to end early.</summary>
    public Task<Accepted> CancelAsync(OperationId operation, CancellationToken cancel) =>
        connection.ChangeAsync<Accepted>(
            HttpMethod.Post, $"operations/{Escape(operation.Value)}/cancel", Empty, cancel);

    /// <summary>All hosts.</summary>
    public Task<ImmutableArray<HostView>> HostsAsync(CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<HostView>>("hosts", cancel);

    /// <summary>One host by name or id.</summary>
    public Task<HostView> HostAsync(string host, CancellationToken cancel) =>
        connection.GetAsync<HostView>($"hosts/{Escape(host)}", cancel);

    /// <summary>Declares a host off.</summary>
    public Task<FencedView> FenceAsync(string host, CancellationToken cancel) =>
        connection.ChangeAsync<FencedView>(HttpMethod.Post, $"hosts/{Escape(host)}/fenced", Empty, cancel);

    /// <summary>Gives up a machine that does not belong on a host.</summary>
    public Task ClearAsync(string host, string node, CancellationToken cancel) =>
        connection.ChangeAsync<Nothing>(
            HttpMethod.Delete, $"hosts/{Escape(host)}/nodes/{Escape(node)}", null, cancel);

    /// <summary>What hosts and nodes used in the last seconds; null is all of them.</summary>
    public Task<SamplesView> SamplesAsync(
        string? environment, string? host, int seconds, CancellationToken cancel) =>
        connection.GetAsync<SamplesView>(
            $"samples?seconds={seconds}{(environment is null ? "" : "&environment=" + Escape(environment))}"
            + $"{(host is null ? "" : "&host=" + Escape(host))}", cancel);

    /// <summary>The status document of a host's switch.</summary>
    public Task<JsonElement> SwitchAsync(string host, CancellationToken cancel) =>
        Switches.StatusAsync(host, cancel);

    /// <summary>Makes a token with which one host may join once.</summary>
    public Task<TokenView> JoinTokenAsync(string hostName, int minutes, CancellationToken cancel) =>
        connection.ChangeAsync<TokenView>(HttpMethod.Post, "join-tokens", new JoinTokenBody(hostName, minutes), cancel);

    /// <summary>The server-sent events after a journal position.</summary>
    public EventReader Events() => new(connection);

    /// <summary>Images and their files.</summary>
    public ImageApi Images => new(connection);

    /// <summary>Servers, shards and dead letters.</summary>
    public ClusterApi Cluster => new(connection);

    /// <summary>Switches of hosts.</summary>
    public SwitchApi Switches => new(connection);

    /// <summary>The store.</summary>
    public StoreApi Store => new(connection);

    /// <summary>Adaptation.</summary>
    public AdaptApi Adapt => new(connection);

    /// <summary>Users and roles.</summary>
    public UserApi Users => new(connection);

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    /// <summary>A name as one segment of a path.</summary>
    /// <exception cref="UsageException">No name is like this, and in a path it would lead elsewhere.</exception>
    internal static string Escape(string name) =>
        name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal)
        ? throw new UsageException(
            $"'{name}' is not a name: 1 to 40 of a-z, 0-9 and '-' are allowed, starting with a letter.",
            "Correct the name.")
        : Uri.EscapeDataString(name);

    private static string PathOf(NodeName node) => $"environments/{Escape(node.Environment)}/nodes/{Escape(node.Node)}";

    private Task<Accepted> Do(NodeName node, string verb, object body, CancellationToken cancel) =>
        connection.ChangeAsync<Accepted>(HttpMethod.Post, $"{PathOf(node)}/{verb}", body, cancel);
}
