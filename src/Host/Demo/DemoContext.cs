using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>What the steps of one run share. The steps run one after the other.</summary>
internal sealed class DemoContext(IDemoSite site, ApiClient api, EnvironmentSpec astro, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>The place.</summary>
    public IDemoSite Site { get; } = site;

    /// <summary>The API, as a user has it.</summary>
    public ApiClient Api { get; } = api;

    /// <summary>What guests say.</summary>
    public GuestReader Guests { get; } = new(api);

    /// <summary>The figures so far.</summary>
    public DemoFigures Figures { get; } = new();

    /// <summary>Observations beside the figures: controls and sizes, for the table.</summary>
    public List<(string What, string Seen)> Notes { get; } = [];

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>The environment of the file.</summary>
    public EnvironmentSpec Astro { get; } = astro;

    /// <summary>A second one with the same IP and MAC addresses.</summary>
    public EnvironmentSpec Boson { get; } = astro with { Name = "boson" };

    /// <summary>The operation that creates <see cref="Boson"/>, once it was asked for.</summary>
    public OperationId? BosonCreation { get; set; }

    /// <summary>The move of step 3, which ended long before the server is killed.</summary>
    public OperationView? EarlierMove { get; set; }

    /// <summary>Follows an operation to its end and demands that it was done.</summary>
    /// <param name="operation">Which.</param>
    /// <param name="show">Called with every look.</param>
    /// <param name="patience">Longest time.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<OperationView> FinishAsync(
        OperationId operation, Action<OperationView> show, TimeSpan patience, CancellationToken cancel)
    {
        OperationView? view = null;
        await WaitAsync(
            $"the end of {operation}", patience,
            async () =>
            {
                view = await Api.OperationAsync(operation, cancel);
                show(view);
                return view.Phase is OperationPhase.Running or OperationPhase.Undoing
                    ? $"{Tables.Word(view.Kind)} {view.Subject}: {view.Step}"
                    : null;
            },
            cancel);
        DemoFailedException.Unless(
            view!.Phase == OperationPhase.Done,
            $"{Tables.Word(view.Kind)} {view.Subject} ended {Tables.Word(view.Phase)}: {view.Failure}");
        return view;
    }

    /// <summary>Looks until nothing is missing.</summary>
    /// <param name="what">Names the condition in the message.</param>
    /// <param name="patience">Longest time.</param>
    /// <param name="missing">Looks; null when the condition holds, else what is missing.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DemoFailedException">The time is over.</exception>
    public async Task WaitAsync(string what, TimeSpan patience, Func<Task<string?>> missing, CancellationToken cancel)
    {
        for (var started = Time.GetTimestamp(); await missing() is { } still;)
        {
            DemoFailedException.Unless(
                Time.GetElapsedTime(started) < patience,
                $"Waited {patience.TotalSeconds:0} s for {what}; the last look found: {still}");
            await Task.Delay(Pause, Time, cancel);
        }
    }

    /// <summary>A node of the first environment as the API has it now.</summary>
    public Task<NodeView> NodeAsync(string name, CancellationToken cancel) => Api.NodeAsync(Name(name), cancel);

    /// <summary>The name of a node of the first environment.</summary>
    public NodeName Name(string node) => new(Astro.Name, node);

    /// <summary>The host a node is on, by name.</summary>
    /// <exception cref="DemoFailedException">It is on none.</exception>
    public async Task<string> HostOfAsync(string node, CancellationToken cancel) =>
        (await NodeAsync(node, cancel)).HostName ?? throw new DemoFailedException($"Node {node} has no host.");

    /// <summary>Another connected host than this.</summary>
    public async Task<string> OtherHostAsync(string host, CancellationToken cancel) =>
        (await Api.HostsAsync(cancel)).FirstOrDefault(other => other.Name != host && other.Status == "connected")?.Name
        ?? throw new DemoFailedException($"There is no connected host beside {host}.");

    /// <summary>
    /// The first node whose kernel arguments hold this option; the first of all when the option is null.
    /// </summary>
    public string NodeWith(string? option) =>
        Astro.Nodes.FirstOrDefault(node => option is null || (node.KernelArguments ?? "").Contains(option))?.Name
        ?? throw new DemoFailedException($"No node of {Astro.Name} has '{option}' among its kernelArguments.");
}
