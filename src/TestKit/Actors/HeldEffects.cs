using VioActors.Runtime;

namespace VioActors.TestKit;

/// <summary>An effect that runs until the test ends it.</summary>
public sealed class HeldEffect
{
    // Whoever awaits it is on the loop and goes on there; run asynchronously it would go by way of another thread.
    private readonly TaskCompletionSource<object> _end = new();

    internal HeldEffect(ActorKey actor, Effect effect) => (Actor, Effect) = (actor, effect);

    /// <summary>The actor that started it.</summary>
    public ActorKey Actor { get; }

    /// <summary>Its id, which is the same when it runs again after a crash, and what is to be done.</summary>
    public Effect Effect { get; }

    internal Task<object> End => _end.Task;

    /// <summary>It worked; the actor gets this message.</summary>
    public void Complete(object result) => _end.TrySetResult(result);

    /// <summary>It failed; the actor gets an <see cref="EffectFailed"/>.</summary>
    /// <param name="code">Stable code of the failure.</param>
    /// <param name="reason">What failed.</param>
    public void Fail(string code, string reason = "It failed.") =>
        _end.TrySetException(new EffectException(code, reason));
}

/// <summary>Lets effects of one kind run until the test ends them.</summary>
internal sealed class HeldEffects(string kind) : IEffectHandler
{
    private readonly List<HeldEffect> _waiting = [];

    public string Kind => kind;

    /// <summary>The oldest that runs and was not given to the test.</summary>
    public HeldEffect? Next => _waiting.FirstOrDefault();

    public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        var held = new HeldEffect(actor, effect);
        _waiting.Add(held);
        try
        {
            return await held.End.WaitAsync(cancel);
        }
        finally
        {
            _waiting.Remove(held);
        }
    }

    public void Give(HeldEffect held) => _waiting.Remove(held);

    /// <summary>The server that ran them is gone.</summary>
    public void Forget() => _waiting.Clear();
}
