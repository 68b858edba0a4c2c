using VioActors.Runtime;

namespace VioActors.TestKit.Tests;

/// <summary>What the saga of these tests gets wrong.</summary>
public enum Flaw
{
    None,

    /// <summary>A failed step counts as not done.</summary>
    ForgetsFailedStep,

    /// <summary>A failed undo counts as done.</summary>
    ForgetsFailedUndo,

    /// <summary>The world does a step again that comes again.</summary>
    DoesTwice,

    /// <summary>The world gives back again what was given back.</summary>
    UndoesTwice,

    /// <summary>What a failure means is never found out.</summary>
    NeverEnds,

    /// <summary>The world is harmed by a repetition under the same id, as only a crash makes it.</summary>
    HarmedByCrash,
}

public sealed record Go;

public sealed record Call(int Step, bool Undo);

public sealed record Did(int Step, bool Undo);

public sealed record Again;

public sealed record At(int Step, bool Back);

public sealed record Over(bool Done);

public sealed record PairState(int Step, bool Back, bool Over, bool Done);

/// <summary>A saga of two steps, which may have a flaw.</summary>
public sealed class Pair(Flaw flaw = Flaw.None) : IActor<PairState>
{
    public static readonly ActorKey Key = new("pair", "p");

    public static readonly MessageCodec Codec = new(
    [
        ("pair.go/1", typeof(Go)), ("pair.call/1", typeof(Call)), ("pair.did/1", typeof(Did)),
        ("pair.again/1", typeof(Again)), ("pair.at/1", typeof(At)), ("pair.over/1", typeof(Over)),
    ]);

    public string Kind => "pair";

    public PairState Initial(ActorKey self) => new(0, Back: false, Over: false, Done: false);

    public Decision Decide(PairState state, object message, in TurnInfo info)
    {
        switch (message)
        {
            case Go when state.Over:
                return Decision.Refuse("over", "It is over.", "Take another.");
            case Go:
                return To(new At(1, Back: false), info).Answer(new Again());
            case Did { Undo: false } when state.Step == 1:
                return To(new At(2, Back: false), info);
            case Did { Undo: false }:
                return Decision.Nothing.Record(new Over(Done: true));
            case EffectFailed when flaw == Flaw.NeverEnds:
                return Decision.Nothing;
            case EffectFailed when !state.Back && flaw == Flaw.ForgetsFailedStep:
                return Before(state.Step, info);
            case EffectFailed when !state.Back:
                return To(new At(state.Step, Back: true), info);
            case EffectFailed when flaw != Flaw.ForgetsFailedUndo:
                return Decision.Nothing.Wake("again", info.Now.AddSeconds(5), new Again());
            case Again:
                return To(new At(state.Step, Back: true), info);
            default:
                return Before(state.Step, info);
        }
    }

    public PairState Evolve(PairState state, object @event) => @event switch
    {
        At at => state with { Step = at.Step, Back = at.Back },
        Over over => state with { Over = true, Done = over.Done },
        _ => throw new InvalidOperationException($"Unknown event {@event}."),
    };

    private static Decision Before(int step, in TurnInfo info) =>
        step == 1 ? Decision.Nothing.Record(new Over(Done: false)) : To(new At(step - 1, Back: true), info);

    private static Decision To(At at, in TurnInfo info) =>
        Decision.Nothing.Record(at).Start(info.TurnId, "world", new Call(at.Step, at.Back));
}

/// <summary>The world that the saga changes.</summary>
public sealed class World(Flaw flaw = Flaw.None) : IEffectHandler
{
    private readonly List<int> _done = [];
    private readonly HashSet<int> _undone = [];
    private readonly HashSet<string> _ids = [];

    public string Kind => "world";

    public string Shown => string.Join(' ', _done);

    public Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        var (step, undo) = (Call)effect.Payload;
        if (flaw == Flaw.HarmedByCrash && !_ids.Add(effect.Id)) _done.Add(100);
        if (!undo && (flaw == Flaw.DoesTwice || !_done.Contains(step)))
            _done.Add(step);
        else if (undo && flaw == Flaw.UndoesTwice && !_undone.Add(step))
            _done.Add(-step);
        else if (undo)
            _done.Remove(step);
        return Task.FromResult<object>(new Did(step, undo));
    }
}
