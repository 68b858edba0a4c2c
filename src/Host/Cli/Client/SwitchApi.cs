using System.Text.Json;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>The part of the API about the switches of hosts; documents are the switch's own.</summary>
internal sealed class SwitchApi(ApiConnection connection)
{
    /// <summary>The status document.</summary>
    public Task<JsonElement> StatusAsync(string host, CancellationToken cancel) =>
        connection.GetAsync<JsonElement>(Path(host), cancel);

    /// <summary>Relays and routes between hosts.</summary>
    public Task<ReachView> ReachAsync(CancellationToken cancel) => connection.GetAsync<ReachView>("reach", cancel);

    /// <summary>Sets them.</summary>
    public Task<ReachView> SetReachAsync(ReachView reach, CancellationToken cancel) =>
        connection.ChangeAsync<ReachView>(HttpMethod.Put, "reach", reach, cancel);

    /// <summary>Facts of dropped frames.</summary>
    public Task<JsonElement> DropsAsync(string host, string? port, long after, int most, CancellationToken cancel) =>
        connection.GetAsync<JsonElement>(
            $"{Path(host)}/drops?after={after}&most={most}"
            + (port is null ? "" : "&port=" + Uri.EscapeDataString(port)), cancel);

    /// <summary>Starts to capture a port.</summary>
    public Task<JsonElement> StartTraceAsync(string host, TraceBody trace, CancellationToken cancel) =>
        connection.ChangeAsync<JsonElement>(HttpMethod.Post, $"{Path(host)}/traces", trace, cancel);

    /// <summary>Takes captured frames.</summary>
    public Task<JsonElement> ReadTraceAsync(string host, int trace, int waitMs, CancellationToken cancel) =>
        connection.ChangeAsync<JsonElement>(
            HttpMethod.Post, $"{Path(host)}/traces/{trace}/frames?waitMs={waitMs}", null, cancel);

    /// <summary>Ends a capture.</summary>
    public Task StopTraceAsync(string host, int trace, CancellationToken cancel) =>
        connection.ChangeAsync<Nothing>(HttpMethod.Delete, $"{Path(host)}/traces/{trace}", null, cancel);

    private static string Path(string host) => $"hosts/{ApiClient.Escape(host)}/switch";
}
