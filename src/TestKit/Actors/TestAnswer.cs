using VioActors.Runtime;

namespace VioActors.TestKit;

/// <summary>The answer to one message, which may not be known yet: the server may die over it meanwhile.</summary>
public sealed class TestAnswer
{
    private readonly TestRun _run;
    private readonly string _phase;
    private readonly Task _asking;
    private AskResult? _result;

    internal TestAnswer(TestRun run, ActorKey to, object message, string principal)
    {
        _run = run;
        _phase = $"asking {to} as {principal}: {message}";
        _asking = run.Loop.Start(async () => _result = await run.Server.AskAsync(to, message, principal));
    }

    /// <summary>Whether the answer is there; does not wait.</summary>
    public bool IsKnown => _asking.IsCompleted;

    /// <summary>The answer, whatever it is; waits for it.</summary>
    public AskResult Result => _run.Wait(_phase, async () =>
    {
        await _asking;
        return _result!;
    });

    /// <summary>The reply; waits for it.</summary>
    /// <exception cref="TestKitException">It was refused, or the reply is another.</exception>
    public TReply Reply<TReply>() => Result is { Reply: TReply reply } ? reply : throw Unexpected(typeof(TReply).Name);

    /// <summary>Waits until the message's turn is durable.</summary>
    /// <exception cref="TestKitException">It was refused.</exception>
    public void Done()
    {
        if (!Result.IsDone) throw Unexpected("no refusal");
    }

    /// <summary>The refusal; waits for it.</summary>
    /// <exception cref="TestKitException">It was not refused.</exception>
    public Refusal Refusal() => Result.Refusal ?? throw Unexpected("a refusal");

    private TestKitException Unexpected(string expected) => _run.Failure(_phase, expected, Result switch
    {
        { Refusal: { } refusal } => $"it was refused: {refusal.Code}: {refusal.Reason} {refusal.Remedy}",
        { Reply: { } reply } => $"the reply was {reply}",
        _ => "the reply was empty",
    });
}
