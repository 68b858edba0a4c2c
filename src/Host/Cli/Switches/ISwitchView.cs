using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary>One host's switch as somebody sees who looks, wherever it is. Failures are <see cref="CliException"/>.
/// </summary>
internal interface ISwitchView : IAsyncDisposable
{
    /// <summary>All counters.</summary>
    Task<SwitchStatus> StatusAsync(CancellationToken cancel);

    /// <summary>Facts of dropped frames.</summary>
    Task<DropsReply> DropsAsync(DropsRequest request, CancellationToken cancel);

    /// <summary>Starts to capture a port.</summary>
    Task<TraceStarted> StartTraceAsync(TraceStart request, CancellationToken cancel);

    /// <summary>Captured frames; empty when none came within the time asked for.</summary>
    Task<TraceFrames> ReadTraceAsync(TraceRead request, CancellationToken cancel);

    /// <summary>Ends a capture.</summary>
    Task StopTraceAsync(int trace, CancellationToken cancel);
}
