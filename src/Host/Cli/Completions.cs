using System.CommandLine;
using System.CommandLine.Completions;
using Source = System.Func<
    System.CommandLine.Completions.CompletionContext,
    System.Collections.Generic.IEnumerable<System.CommandLine.Completions.CompletionItem>>;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Names that a shell offers, asked of the server. A shell waits at most <see cref="Patience"/> and is told nothing
/// when the server is away, refuses, or is not clear: a key press is no place for an error.
/// </summary>
internal static class Completions
{
    /// <summary>Longest time that one key press may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const int MostOperations = 50;
    private static readonly RetryPolicy Once = new(1, TimeSpan.Zero, TimeSpan.Zero);

    private delegate Task<IEnumerable<string>> Ask(ApiClient api, CompletionContext context, CancellationToken cancel);

    /// <summary>Environments by name; as <c>owner~name</c> where several owners use one.</summary>
    public static Source Environments(CliHost host) => Names(host, async (api, _, cancel) =>
        (await api.EnvironmentsAsync(cancel))
            .GroupBy(one => one.Name)
            .SelectMany(same => same.Count() == 1 ? [same.Key] : same.Select(one => $"{one.Owner}~{one.Name}")));

    /// <summary>Nodes as <c>ENV/NODE</c>.</summary>
    public static Source Nodes(CliHost host) => Names(host, async (api, _, cancel) =>
        (await api.NodesAsync(null, cancel)).Select(node => $"{node.Environment}/{node.Name}"));

    /// <summary>Nodes of the environment that the command line names before.</summary>
    public static Source NodesOf(CliHost host, Argument<string> environment) =>
        Names(host, async (api, context, cancel) => context.ParseResult.GetValue(environment) is { } named
            ? (await api.NodesAsync(named, cancel)).Select(node => node.Name)
            : []);

    /// <summary>Hosts by name.</summary>
    public static Source Hosts(CliHost host) => Names(host, async (api, _, cancel) =>
        (await api.HostsAsync(cancel)).Select(machine => machine.Name));

    /// <summary>The latest operations.</summary>
    public static Source Operations(CliHost host) => Names(host, async (api, _, cancel) =>
        (await api.OperationsAsync(null, MostOperations, cancel)).Select(operation => operation.Id.Value));

    /// <summary>Images by name.</summary>
    public static Source Images(CliHost host) => Names(host, async (api, _, cancel) =>
        (await api.Images.ListAsync(cancel)).Select(image => image.Name));

    /// <summary>Users by name.</summary>
    public static Source Users(CliHost host) => Names(host, async (api, _, cancel) =>
        (await api.Users.ListAsync(cancel)).Select(user => user.Name));

    private static Source Names(CliHost host, Ask ask) =>
        context => AskAsync(host, context, ask).GetAwaiter().GetResult();

    private static async Task<IEnumerable<CompletionItem>> AskAsync(CliHost host, CompletionContext context, Ask ask)
    {
        using var late = new CancellationTokenSource(Patience, host.Time);
        try
        {
            var address = ServerLocator.Find(context.ParseResult.GetValue(CommonOptions.Server), host);
            using var api = new ApiClient(new ApiConnection(address, Once, host.Time));
            return [.. (await ask(api, context, late.Token)).Select(name => new CompletionItem(Tables.Clean(name)))];
        }
        catch (Exception silent) when (silent is CliException or OperationCanceledException)
        {
            return [];
        }
    }
}
