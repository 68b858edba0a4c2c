using System.Runtime.CompilerServices;
using VioActors.Runtime;

namespace VioActors.TestKit;

/// <summary>One actor under test: ask it, look at its committed state, wait for its events.</summary>
/// <typeparam name="TState">Its state.</typeparam>
public sealed class ActorProbe<TState> where TState : class
{
    private readonly TestRun _run;
    private readonly string _principal;

    internal ActorProbe(TestRun run, ActorKey key, string principal)
    {
        _run = run;
        _principal = principal;
        Key = key;
    }

    /// <summary>The actor.</summary>
    public ActorKey Key { get; }

    /// <summary>Its committed state; null while it has no history.</summary>
    public TState? State => _run.Wait($"reading {Key}", () => _run.Server.ReadAsync<TState>(Key));

    /// <summary>Its events so far, oldest first.</summary>
    public IReadOnlyList<object?> Events =>
        [.. _run.Events.Where(entry => entry.Actor == Key).Select(entry => entry.Event)];

    /// <summary>The same actor, asked by somebody else.</summary>
    public ActorProbe<TState> As(string principal) => new(_run, Key, principal);

    /// <summary>Sends a message without waiting; the server may be down.</summary>
    public TestAnswer Begin(object message) => new(_run, Key, message, _principal);

    /// <summary>Sends a message and waits for its reply.</summary>
    /// <exception cref="TestKitException">It was refused, or the reply is another.</exception>
    public TReply Ask<TReply>(object message) => Begin(message).Reply<TReply>();

    /// <summary>Sends a message and waits until its turn is durable.</summary>
    /// <exception cref="TestKitException">It was refused.</exception>
    public void Tell(object message) => Begin(message).Done();

    /// <summary>Sends a message that must be refused.</summary>
    /// <exception cref="TestKitException">It was not refused.</exception>
    public Refusal Refuses(object message) => Begin(message).Refusal();

    /// <summary>
    /// The actor's oldest event of this type that was not given before; waits for it. Nothing is lost when it came
    /// before the call, so there is nothing to arm.
    /// </summary>
    /// <param name="where">What it must be besides; null for any.</param>
    /// <param name="within">Virtual time to wait; null for 15 minutes.</param>
    /// <param name="text">Filled in by the compiler.</param>
    /// <exception cref="TestKitException">It did not come.</exception>
    public TEvent Expect<TEvent>(
        Func<TEvent, bool>? where = null, TimeSpan? within = null,
        [CallerArgumentExpression(nameof(where))] string? text = null) => _run.Expect(Key, where, text, within);

    /// <summary>Lets virtual time pass, in which no such event of this actor may come, or have come.</summary>
    /// <param name="during">Virtual time.</param>
    /// <param name="where">What it must not be; null for any.</param>
    /// <param name="text">Filled in by the compiler.</param>
    /// <exception cref="TestKitException">It came, and was not given before.</exception>
    public void ExpectNo<TEvent>(
        TimeSpan during, Func<TEvent, bool>? where = null,
        [CallerArgumentExpression(nameof(where))] string? text = null) => _run.ExpectNo(Key, where, text, during);
}
