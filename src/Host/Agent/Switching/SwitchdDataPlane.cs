using System.Text.Json;
using VioActors.Actors.Host.Agent;
using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Switching;

/// <summary>The data plane of this host: its switchd, over the control socket.</summary>
internal sealed class SwitchdDataPlane(SwitchSupervisor supervisor, TimeProvider clock) : IDataPlane, IReadyProbe,
    ISwitchSight
{
    private const int MaxErrorsTold = 8;
    private static readonly TimeSpan ProbeSlice = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public Task ApplyAsync(SwitchWanted wanted, CancellationToken cancel) => AskAsync(async () =>
    {
        var reply = await supervisor.ApplyAsync(wanted, cancel);
        if (reply is null or { Errors.Count: 0 }) return true;
        var errors = string.Join(
            "; ", reply.Errors.Take(MaxErrorsTold).Select(one => $"{one.Environment}, {one.Item}: {one.Reason}"));
        throw new DataPlaneException(
            "switch-partly",
            $"{reply.Errors.Count} parts of the switch are not as wanted: {errors}.", "It is tried again.");
    });

    /// <inheritdoc/>
    public async Task<bool> AwaitReadyAsync(
        EnvironmentId environment, string ip, TimeSpan timeout, CancellationToken cancel)
    {
        for (var started = clock.GetTimestamp(); ;)
        {
            var left = timeout - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return false;
            try
            {
                var client = await supervisor.ConnectAsync(cancel);
                if (await client.ProbeAsync(environment.Value, ip, left < ProbeSlice ? left : ProbeSlice, cancel)
                    is not null)
                    return true;
            }
            catch (Exception notYet) when (notYet is IOException or SwitchRefusedException)
            {
                // The switch restarts, has not got this environment yet, or has its hands full: it passes, or the time.
            }
            await Task.Delay(ProbePause, clock, cancel);
        }
    }

    /// <inheritdoc/>
    public Task<PingFigures> PingAsync(
        EnvironmentId environment, string ip, int count, TimeSpan interval, CancellationToken cancel) =>
        AskAsync(async () =>
    {
        var client = await supervisor.ConnectAsync(cancel);
        var report = await client.PingAsync(environment.Value, ip, interval, count, PingTimeout, cancel);
        // The switch reports what it had counted so far; figures of half a series would mislead.
        cancel.ThrowIfCancellationRequested();
        return new PingFigures(
            report.Sent, report.Received, report.Duplicates, report.LongestGapMs, report.RttP50Ms * 1000,
            report.RttP99Ms * 1000);
    });

    /// <inheritdoc/>
    public Task<JsonElement> StatusAsync(CancellationToken cancel) => AskAsync(async () =>
    {
        var client = await supervisor.ConnectAsync(cancel);
        return JsonSerializer.SerializeToElement(await client.StatusAsync(cancel), Wire.Json);
    });

    /// <inheritdoc/>
    public Task<JsonElement> LookAsync(JsonElement request, CancellationToken cancel) => AskAsync(async () =>
    {
        var message = Read(request);
        var client = await supervisor.ConnectAsync(cancel);
        return message switch
        {
            TraceStart start => Element(await client.StartTraceAsync(start, cancel)),
            TraceRead read => Element(await client.ReadTraceAsync(read, cancel)),
            DropsRequest drops => Element(await client.DropsAsync(drops, cancel)),
            TraceStop stop => await StopAsync(client, stop, cancel),
            _ => throw new SwitchRefusedException("bad-message", "this message does not look into the switch"),
        };
    });

    private static ControlMessage? Read(JsonElement request)
    {
        try
        {
            return request.Deserialize<ControlMessage>(Wire.Json);
        }
        catch (Exception strange) when (strange is JsonException or NotSupportedException)
        {
            throw new SwitchRefusedException("bad-message", $"this is no message of the switch: {strange.Message}");
        }
    }

    private static async Task<JsonElement> StopAsync(
        SwitchControlClient client, TraceStop stop, CancellationToken cancel)
    {
        await client.StopTraceAsync(stop.Trace, cancel);
        return Element(stop);
    }

    private static JsonElement Element<T>(T answer) => JsonSerializer.SerializeToElement(answer, Wire.Json);

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (SwitchRefusedException refused)
        {
            throw new DataPlaneException(refused.Code, refused.Message, "See the switch's status.", refused);
        }
        catch (Exception down) when (down is IOException or InvalidDataException or OverflowException)
        {
            throw new DataPlaneException("switch-down", down.Message, "The agent restarts its switch; ask again.",
                down);
        }
    }
}
