namespace VioActors.Switch.DataPlane;

/// <summary>Serves traces and the facts of dropped frames. Thread safe: the work is the lane's.</summary>
internal sealed class TraceRequests(LaneThread lane, TimeProvider time)
{
    private const int MostDrops = 1000;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    public Task<ControlMessage> HandleAsync(ControlMessage request, CancellationToken stop) => request switch
    {
        TraceStart start => StartAsync(start),
        TraceRead read => ReadAsync(read, stop),
        TraceStop end => lane.InvokeAsync<ControlMessage>(core =>
        {
            core.Captures.Stop(end.Trace);
            return new ControlDone();
        }),
        DropsRequest drops => DropsAsync(drops),
        _ => throw new InvalidOperationException($"{request.GetType().Name} is no request of a trace."),
    };

    /// <summary>The one port that a word names, or why none is.</summary>
    internal static SwitchPort? Find(SwitchCore core, string name, out ControlError? refusal)
    {
        SwitchPort[] found =
        [
            .. core.Environments.Values.SelectMany(one => one.Ports).Where(port => port.Name == name
                || port.Node == name || port.Mac.ToString() == name || port.Ip.ToString() == name),
        ];
        refusal = found.Length switch
        {
            1 => null,
            0 => new ControlError("unknown-port", $"no port of this host has the TAP, node, MAC or address '{name}'"),
            _ => new ControlError(
                "unclear-port", $"{found.Length} ports of this host have '{name}'; name one by its TAP: "
                + string.Join(", ", found.Select(port => port.Name).Take(8))),
        };
        return refusal is null ? found[0] : null;
    }

    private Task<ControlMessage> StartAsync(TraceStart start)
    {
        if (start.SnapLength is < 14 or > Limits.MaxFrameBytes)
            return Refuse($"a snap length is 14 to {Limits.MaxFrameBytes} bytes");
        return TraceFilter.Parse(start.Filter, out string error) is not { } filter
            ? Refuse(error)
            : lane.InvokeAsync<ControlMessage>(core =>
            {
                if (Find(core, start.Port, out ControlError? unknown) is not { } port)
                    return unknown!;
                return core.Captures.Start(port, start.SnapLength, filter, out string refusal) is { } capture
                    ? new TraceStarted(capture.Id, port.Name, port.Node, port.Environment)
                    : new ControlError("busy", refusal);
            });
    }

    private async Task<ControlMessage> ReadAsync(TraceRead read, CancellationToken stop)
    {
        if (read.WaitMs is < 0 or > Limits.TraceWaitMs)
            return new ControlError("bad-request", $"a trace waits 0 to {Limits.TraceWaitMs} ms");
        for (long start = time.GetTimestamp(); ;)
        {
            TraceFrames? found = await lane.InvokeAsync(core => core.Captures.Find(read.Trace) is not { } capture
                ? null
                : new TraceFrames(capture.Read(), capture.Lost, capture.HasEnded)).ConfigureAwait(false);
            if (found is null)
                return new ControlError(
                    "unknown-trace", $"there is no trace {read.Trace}: it ended, or nobody read it");
            if (found.Frames.Count > 0 || found.Ended || stop.IsCancellationRequested
                || time.GetElapsedTime(start).TotalMilliseconds >= read.WaitMs)
            {
                return found;
            }

            await Task.Delay(LookInterval, time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private Task<ControlMessage> DropsAsync(DropsRequest drops)
    {
        if (drops.Most is < 1 or > MostDrops)
            return Refuse($"1 to {MostDrops} dropped frames can be asked for");
        return lane.InvokeAsync<ControlMessage>(core =>
        {
            SwitchPort? port = null;
            if (drops.Port is not null && (port = Find(core, drops.Port, out ControlError? unknown)) is null)
                return unknown!;
            return new DropsReply(core.Drops.Read(drops.After, port?.Name, drops.Most), core.Drops.Noted);
        });
    }

    private static Task<ControlMessage> Refuse(string reason) =>
        Task.FromResult<ControlMessage>(new ControlError("bad-request", reason));
}
