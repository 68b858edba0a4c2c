using VioActors.Actors.Host.Agent;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>
/// Requests by their id, whichever server they come from: one that is asked again, because a connection broke, attaches
/// to the work or hears its end. A store that was put back gives out the same ids again: what was done under them in
/// an earlier generation says nothing. Thread-safe.
/// </summary>
internal sealed class RequestDesk(HostAgent agent, ILogger log)
{
    /// <summary>Requests that run or whose ends are remembered; the oldest ended one is forgotten first.</summary>
    internal const int MaxRemembered = 4096;

    private readonly Dictionary<(long Generation, string Id), Task<AgentOutcome>> _requests = [];
    private readonly Queue<(long Generation, string Id)> _order = new();
    private readonly Lock _gate = new();

    /// <summary>How the request ends.</summary>
    /// <param name="request">The request.</param>
    /// <param name="stopWaiting">Ends the waiting, not the work.</param>
    public Task<AgentOutcome> AskAsync(AgentRequest request, CancellationToken stopWaiting)
    {
        var key = (request.Generation, request.Id);
        lock (_gate)
        {
            if (!_requests.TryGetValue(key, out var work))
            {
                Forget();
                _requests[key] = work = DoAsync(request);
                _order.Enqueue(key);
            }
            return work.WaitAsync(stopWaiting);
        }
    }

    private async Task<AgentOutcome> DoAsync(AgentRequest request)
    {
        await Task.Yield();
        var outcome = await agent.DoAsync(request.Generation, request.Command);
        log.Did(
            request.Command.GetType().Name, request.Command.Node.Value, request.Command.Run, request.By ?? "-",
            outcome.Failure?.Reason ?? $"done, {outcome.Observation?.Presence}");
        return outcome;
    }

    private void Forget()
    {
        for (var i = 0; i < 64 && _order.Count >= MaxRemembered; i++)
        {
            var oldest = _order.Dequeue();
            if (_requests[oldest].IsCompleted)
                _requests.Remove(oldest);
            else
                _order.Enqueue(oldest);
        }
    }
}
