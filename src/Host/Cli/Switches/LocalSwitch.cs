using VioActors.Contracts.Api;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary>The switch of this machine, by its control socket: works when agent and servers are away.</summary>
internal sealed class LocalSwitch : ISwitchView
{
    /// <summary>Where the switch of an installed agent answers.</summary>
    public const string DefaultSocket = "/run/vio/switchd/control.sock";

    private readonly SwitchControlClient _client;

    private LocalSwitch(SwitchControlClient client) => _client = client;

    /// <summary>Connects.</summary>
    /// <exception cref="SwitchAwayException">Nobody answers there, or the caller may not ask.</exception>
    public static async Task<LocalSwitch> ConnectAsync(string socket, CancellationToken cancel)
    {
        try
        {
            return new LocalSwitch(await SwitchControlClient.ConnectAsync(socket, AgentServices.Build, cancel));
        }
        catch (Exception away) when (away is IOException or SwitchRefusedException or InvalidDataException)
        {
            throw new SwitchAwayException(away.Message, away);
        }
    }

    /// <inheritdoc/>
    public Task<SwitchStatus> StatusAsync(CancellationToken cancel) => TryAsync(() => _client.StatusAsync(cancel));

    /// <inheritdoc/>
    public Task<DropsReply> DropsAsync(DropsRequest request, CancellationToken cancel) =>
        TryAsync(() => _client.DropsAsync(request, cancel));

    /// <inheritdoc/>
    public Task<TraceStarted> StartTraceAsync(TraceStart request, CancellationToken cancel) =>
        TryAsync(() => _client.StartTraceAsync(request, cancel));

    /// <inheritdoc/>
    public Task<TraceFrames> ReadTraceAsync(TraceRead request, CancellationToken cancel) =>
        TryAsync(() => _client.ReadTraceAsync(request, cancel));

    /// <inheritdoc/>
    public Task StopTraceAsync(int trace, CancellationToken cancel) => TryAsync(async () =>
    {
        await _client.StopTraceAsync(trace, cancel);
        return true;
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static async Task<T> TryAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (SwitchRefusedException refused)
        {
            throw new SwitchAnsweredException(refused);
        }
        catch (Exception away) when (away is IOException or InvalidDataException)
        {
            throw new SwitchAwayException(away.Message, away);
        }
    }
}

/// <summary>No switch answers at the socket.</summary>
internal sealed class SwitchAwayException(string reason, Exception inner) : CliException(
    new Problem("switch-not-reachable", reason,
        "Run this as root or as the user of the switch on its host, name the socket with --socket, or ask the server "
        + "with --host."),
    ExitCode.NotReachable, inner);

/// <summary>The switch refused.</summary>
internal sealed class SwitchAnsweredException(SwitchRefusedException refused) : CliException(
    new Problem(refused.Code, refused.Message, "See 'vio switch show' for the ports of the host."),
    ExitCode.Failed, refused);
