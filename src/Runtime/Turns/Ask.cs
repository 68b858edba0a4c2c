namespace VioActors.Runtime;

/// <summary>
/// A request from outside, with the promise of an answer. The machine passes the promise on, untouched.
/// </summary>
internal sealed class Ask(ActorKey to, object message, string principal, string requestId)
{
    private readonly TaskCompletionSource<AskResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ActorKey To { get; } = to;

    public object Message { get; } = message;

    public string Principal { get; } = principal;

    /// <summary>Unique for ever: incarnation and a counter.</summary>
    public string RequestId { get; } = requestId;

    public string? IdempotencyKey { get; init; }

    /// <summary>Hash of the request; set with the key.</summary>
    public string BodyHash { get; init; } = "";

    public Task<AskResult> Answer => _answer.Task;

    public void Complete(AskResult result) => _answer.TrySetResult(result);

    public void Fail(Exception error) => _answer.TrySetException(error);
}

/// <summary>Somebody waits for the committed state of an actor.</summary>
internal sealed class StateRead(ActorKey actor)
{
    private readonly TaskCompletionSource<object?> _state = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ActorKey Actor { get; } = actor;

    public Task<object?> State => _state.Task;

    public void Complete(object? state) => _state.TrySetResult(state);

    public void Fail(Exception error) => _state.TrySetException(error);
}
