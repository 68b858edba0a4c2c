using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace VioActors.Runtime.Tests;

public sealed record Add(int Amount);

public sealed record Forward(string To, int Amount);

public sealed record Explode(bool OnlyOnce);

public sealed record Question;

public sealed record Total(int Amount);

public sealed record StartWork(string Id, string What);

public sealed record StopWork(string Id);

public sealed record Work(string What);

public sealed record WorkDone(string What);

public sealed record SetAlarm(string Name, int Seconds);

public sealed record ClearAlarm(string Name);

public sealed record Rang(string Name);

public sealed record Note(string Text);

public sealed record Added(int Amount);

public sealed record Noted(string Text);

public sealed record LedgerState(int Total, ImmutableArray<string> Notes);

/// <summary>
/// The actor of these tests: adds numbers, forwards them, sets alarms, starts work, and fails on request.
/// </summary>
public sealed class Ledger : IActor<LedgerState>
{
    public const int Limit = 1_000_000;

    public static readonly MessageCodec Codec = NewCodec();

    public ConcurrentDictionary<string, int> Decided { get; } = new();

    /// <summary>Of the last turn: since when its server decides.</summary>
    public DateTimeOffset Since { get; private set; }

    public string Kind => "ledger";

    public static ActorKey Key(string id) => new("ledger", id);

    public static MessageCodec NewCodec(params Upcaster[] upcasters) => new(
    [
        ("ledger.add/1", typeof(Add)), ("ledger.forward/1", typeof(Forward)), ("ledger.explode/1", typeof(Explode)),
        ("ledger.question/1", typeof(Question)), ("ledger.total/1", typeof(Total)),
        ("ledger.start-work/1", typeof(StartWork)), ("ledger.stop-work/1", typeof(StopWork)),
        ("ledger.work/1", typeof(Work)), ("ledger.work-done/1", typeof(WorkDone)),
        ("ledger.set-alarm/1", typeof(SetAlarm)), ("ledger.clear-alarm/1", typeof(ClearAlarm)),
        ("ledger.rang/1", typeof(Rang)), ("ledger.note/1", typeof(Note)),
        ("ledger.added/1", typeof(Added)), ("ledger.noted/2", typeof(Noted)),
    ], upcasters: upcasters);

    public LedgerState Initial(ActorKey self) => new(0, []);

    public Decision Decide(LedgerState state, object message, in TurnInfo info)
    {
        Since = info.Since;
        var attempt = Decided.AddOrUpdate(info.TurnId, 1, (_, count) => count + 1);
        return message switch
        {
            Add { Amount: > Limit } => Decision.Refuse("too-much", $"More than {Limit}.", "Add less."),
            Add add => Decision.Nothing.Record(new Added(add.Amount)).Answer(new Total(state.Total + add.Amount)),
            Forward forward => Decision.Nothing.Tell(Key(forward.To), new Add(forward.Amount)).Answer(new Total(0)),
            Explode { OnlyOnce: true } when attempt > 1 => Decision.Nothing.Record(new Noted("survived")),
            Explode => throw new InvalidOperationException("boom"),
            Question => Decision.Nothing.Answer(new Total(state.Total)),
            StartWork start => Decision.Nothing.Start(start.Id, "work", new Work(start.What)).Answer(new Total(0)),
            StopWork stop => (Decision.Nothing with { CancelledEffects = [stop.Id] }).Answer(new Total(0)),
            WorkDone done => Decision.Nothing.Record(new Noted($"done {done.What} for {info.Principal}")),
            EffectFailed failed => Decision.Nothing.Record(new Noted(
                $"failed {failed.EffectId} {failed.Code} {failed.Reason}")),
            SetAlarm set => Decision.Nothing.Wake(set.Name, info.Now.AddSeconds(set.Seconds),
                new Rang(set.Name)).Answer(new Total(0)),
            ClearAlarm clear => Decision.Nothing.Unwake(clear.Name).Answer(new Total(0)),
            Rang rang => Decision.Nothing.Record(new Noted($"rang {rang.Name}")),
            Note note => Decision.Nothing.Record(new Noted(note.Text)),
            Refused refused => Decision.Nothing.Record(new Noted($"refused {refused.Message} {refused.Refusal.Code}")),
            _ => throw new InvalidOperationException($"Unknown message {message}."),
        };
    }

    public LedgerState Evolve(LedgerState state, object @event) => @event switch
    {
        Added added => state with { Total = state.Total + added.Amount },
        Noted noted => state with { Notes = state.Notes.Add(noted.Text) },
        _ => throw new InvalidOperationException($"Unknown event {@event}."),
    };
}

/// <summary>Runs each piece of work until the test lets it end.</summary>
public sealed class WorkHandler : IEffectHandler
{
    public ConcurrentQueue<string> Started { get; } = new();

    public ConcurrentQueue<string> Cancelled { get; } = new();

    public Func<Work, CancellationToken, Task<object>> Run { get; set; } =
        (work, _) => Task.FromResult<object>(new WorkDone(work.What));

    public string Kind => "work";

    public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        Started.Enqueue(effect.Id);
        try
        {
            return await Run((Work)effect.Payload, cancel);
        }
        catch (OperationCanceledException)
        {
            Cancelled.Enqueue(effect.Id);
            throw;
        }
    }
}
