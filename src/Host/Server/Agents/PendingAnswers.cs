using System.Collections.Concurrent;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Server.Agents;

/// <summary>Who waits for which answer on one connection. Ids of different kinds of request do not meet. Thread-safe.</summary>
internal sealed class PendingAnswers
{
    private readonly ConcurrentDictionary<(Type Kind, string Id), TaskCompletionSource<AgentFrame>> _waiting = new();
    private Exception? _ended;

    /// <summary>Waits for the answer of this kind and id; several may wait for the same one.</summary>
    public Task<AgentFrame> Expect<TAnswer>(string id) where TAnswer : AgentFrame
    {
        var waiter = _waiting.GetOrAdd(
            (typeof(TAnswer), id), _ => new TaskCompletionSource<AgentFrame>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (Volatile.Read(ref _ended) is { } ended)
            waiter.TrySetException(ended);
        return waiter.Task;
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Forget<TAnswer>(string id) where TAnswer : AgentFrame => _waiting.TryRemove((typeof(TAnswer), id), out _);

    /// <summary>Hands an answer over; an answer that nobody waits for is dropped.</summary>
    public void Take(string id, AgentFrame answer)
    {
        if (_waiting.TryRemove((answer.GetType(), id), out var waiter))
            waiter.TrySetResult(answer);
    }

    /// <summary>The connection is over: all who wait now or later get this.</summary>
    public void Fail(Exception why)
    {
        Volatile.Write(ref _ended, why);
        foreach (var waiter in _waiting.Values)
        {
            waiter.TrySetException(why);
            _ = waiter.Task.Exception; // observed, should nobody wait any more
        }
    }
}
