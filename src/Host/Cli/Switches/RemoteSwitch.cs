using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary>The switch of a host of the site, through a server and the host's agent.</summary>
internal sealed class RemoteSwitch(ApiClient api, string host) : ISwitchView
{
    /// <inheritdoc/>
    public async Task<SwitchStatus> StatusAsync(CancellationToken cancel) =>
        Read<SwitchStatus>(await api.Switches.StatusAsync(host, cancel));

    /// <inheritdoc/>
    public async Task<DropsReply> DropsAsync(DropsRequest request, CancellationToken cancel) =>
        Read<DropsReply>(await api.Switches.DropsAsync(host, request.Port, request.After, request.Most, cancel));

    /// <inheritdoc/>
    public async Task<TraceStarted> StartTraceAsync(TraceStart request, CancellationToken cancel) =>
        Read<TraceStarted>(await api.Switches.StartTraceAsync(
            host, new TraceBody(request.Port, request.SnapLength, request.Filter), cancel));

    /// <inheritdoc/>
    public async Task<TraceFrames> ReadTraceAsync(TraceRead request, CancellationToken cancel) =>
        Read<TraceFrames>(await api.Switches.ReadTraceAsync(host, request.Trace, request.WaitMs, cancel));

    /// <inheritdoc/>
    public Task StopTraceAsync(int trace, CancellationToken cancel) =>
        api.Switches.StopTraceAsync(host, trace, cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private T Read<T>(JsonElement document)
    {
        try
        {
            return document.Deserialize<T>(Wire.Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException strange)
        {
            throw new SwitchAwayException(
                $"The switch of host '{host}' speaks another version: {strange.Message}", strange);
        }
    }
}
