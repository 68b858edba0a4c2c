using VioActors.Runtime;

namespace VioActors.TestKit;

/// <summary>
/// What runs in a <see cref="TestActors"/>: actors under test, the handlers of their effects, and stand-ins for actors
/// that are somebody else's. Make a new one for each run.
/// </summary>
/// <param name="codec">Names of everything that is stored or sent.</param>
public sealed class ActorSetup(MessageCodec codec)
{
    private readonly List<Action<ActorSystem>> _parts = [];

    internal MessageCodec Codec => codec;

    internal SortedDictionary<string, HeldEffects> Held { get; } = new(StringComparer.Ordinal);

    internal SortedDictionary<string, StandIn> StandIns { get; } = new(StringComparer.Ordinal);

    /// <summary>A kind of actor.</summary>
    public ActorSetup Add<TState>(IActor<TState> actor) where TState : class => With(system => system.AddActor(actor));

    /// <summary>Whoever does the effects of one kind; it outlives the servers, as the world outside does.</summary>
    public ActorSetup Handle(IEffectHandler handler) => With(system => system.AddEffects(handler));

    /// <summary>Effects of this kind wait until the test answers them: <see cref="TestActors.ExpectEffect"/>.</summary>
    public ActorSetup Hold(string effectKind)
    {
        var held = new HeldEffects(effectKind);
        Held.Add(effectKind, held);
        return Handle(held);
    }

    /// <summary>
    /// Actors of this kind only listen: <see cref="TestActors.ExpectHeard"/>. With <paramref name="answer"/> they also
    /// send, or reply, what it returns.
    /// </summary>
    /// <param name="actorKind">The kind that is replaced.</param>
    /// <param name="answer">Gives the message that goes back; null for none. Same message, same answer.</param>
    public ActorSetup StandIn(string actorKind, Func<object, object?>? answer = null)
    {
        var standIn = new StandIn(actorKind, answer ?? (_ => null));
        StandIns.Add(actorKind, standIn);
        return Add(standIn);
    }

    internal void Register(ActorSystem system)
    {
        foreach (var part in _parts) part(system);
    }

    private ActorSetup With(Action<ActorSystem> part)
    {
        _parts.Add(part);
        return this;
    }
}
