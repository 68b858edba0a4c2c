using System.Collections.Concurrent;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The requests of one control connection. They run side by side, at most <see cref="Limits.MaxControlRequests"/>, so
/// that a probe which waits for a node holds nothing up; what still runs when the connection ends is stopped.
/// </summary>
internal sealed class ControlSession(ControlStream stream, IControlRequests requests)
{
    private readonly ConcurrentDictionary<int, CancellationTokenSource> _running = [];

    /// <summary>Serves until the other side leaves.</summary>
    /// <exception cref="InvalidDataException">Garbage came.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (await stream.ReadAsync(stop).ConfigureAwait(false) is { } request)
            {
                if (request is ControlStop ended)
                    Stop(ended.Request);
                else
                    await BeginAsync(request, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (int id in _running.Keys)
                Stop(id);
        }
    }

    private async Task BeginAsync(ControlMessage request, CancellationToken stop)
    {
        var ending = new CancellationTokenSource();
        if (_running.Count < Limits.MaxControlRequests && _running.TryAdd(request.Id, ending))
        {
            _ = ServeAsync(request, ending, stop);
            return;
        }

        ending.Dispose();
        await stream.WriteAsync(
            new ControlError(
                "busy",
                $"request {request.Id} has the id of another one, or {Limits.MaxControlRequests} run on this "
                + "connection already; wait for one to end")
            { Id = request.Id }, stop).ConfigureAwait(false);
    }

    private async Task ServeAsync(ControlMessage request, CancellationTokenSource ending, CancellationToken stop)
    {
        try
        {
            ControlMessage answer = await AnswerAsync(request, ending.Token).ConfigureAwait(false);
            _running.TryRemove(request.Id, out _);
            await stream.WriteAsync(answer with { Id = request.Id }, stop).ConfigureAwait(false);
        }
        catch (InvalidDataException tooLong)
        {
            await TryWriteAsync(new ControlError("failed", tooLong.Message) { Id = request.Id }, stop)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody is there to be answered.
        }
    }

    private async Task TryWriteAsync(ControlMessage message, CancellationToken stop)
    {
        try
        {
            await stream.WriteAsync(message, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody is there to be answered.
        }
    }

    private async Task<ControlMessage> AnswerAsync(ControlMessage request, CancellationToken stop)
    {
        try
        {
            return await requests.HandleAsync(request, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or SwitchIoException)
        {
            return new ControlError("failed", e.Message);
        }
    }

    private void Stop(int id)
    {
        if (_running.TryGetValue(id, out CancellationTokenSource? ending))
            ending.Cancel();
    }
}
