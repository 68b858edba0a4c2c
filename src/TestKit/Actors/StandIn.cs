using VioActors.Runtime;

namespace VioActors.TestKit;

/// <summary>A message that a stand-in got.</summary>
/// <param name="To">The actor it stands for.</param>
/// <param name="From">Who sent it; null for the test.</param>
/// <param name="Message">What.</param>
public sealed record HeardMessage(ActorKey To, ActorKey? From, object Message);

/// <summary>A stand-in remembers nothing of its own.</summary>
internal sealed record StandInState;

/// <summary>An actor of a kind that the test replaces: it listens, and answers what the test says.</summary>
internal sealed class StandIn(string kind, Func<object, object?> answer) : IActor<StandInState>
{
    private readonly HashSet<string> _turns = [];

    public string Kind => kind;

    /// <summary>Heard and not given to the test, oldest first.</summary>
    public List<HeardMessage> Waiting { get; } = [];

    public StandInState Initial(ActorKey self) => new();

    public Decision Decide(StandInState state, object message, in TurnInfo info)
    {
        // A turn that is taken back is decided again, under the same id.
        if (_turns.Add(info.TurnId)) Waiting.Add(new HeardMessage(info.Self, info.Sender, message));
        return answer(message) switch
        {
            null => Decision.Nothing,
            var reply when info.Sender is { } sender => Decision.Nothing.Tell(sender, reply),
            var reply => Decision.Nothing.Answer(reply),
        };
    }

    public StandInState Evolve(StandInState state, object @event) => state;
}
