using System.Collections.Immutable;
using VioActors.Runtime;

namespace VioActors.Simulation.Cluster;

/// <summary>What a bank knows.</summary>
/// <param name="Balance">Money.</param>
/// <param name="Sent">Number of the last credit to each bank.</param>
/// <param name="Received">Number of the last credit from each bank.</param>
/// <param name="Alarms">When each alarm that is set is due, in ticks.</param>
/// <param name="Done">How often each operation happened.</param>
internal sealed record BankState(
    long Balance, ImmutableSortedDictionary<string, long> Sent, ImmutableSortedDictionary<string, long> Received,
    ImmutableSortedDictionary<string, long> Alarms, ImmutableSortedDictionary<string, int> Done)
{
    /// <summary>Whether an operation happened.</summary>
    public bool Has(string op) => Done.ContainsKey(op);
}

/// <summary>
/// The actor of cluster simulations. Its rules are those of the runtime made visible: an operation happens once, what
/// one bank sends another arrives once and in order, what was replaced or cleared does not come. A message that breaks
/// them throws, and becomes a dead letter.
/// </summary>
internal sealed class BankActor : IActor<BankState>
{
    private static readonly ImmutableSortedDictionary<string, long> None =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The operation of a <see cref="Cure"/>.</summary>
    public const string Cured = "cure";

    /// <summary>How often each message that cannot be digested was tried.</summary>
    public SortedDictionary<string, int> Tries { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Kind => "bank";

    /// <summary>Key of the bank with this number.</summary>
    public static ActorKey Key(int number) => new("bank", $"b{number}");

    /// <inheritdoc/>
    public BankState Initial(ActorKey self) =>
        new(0, None, None, None, ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    /// <inheritdoc/>
    public Decision Decide(BankState state, object message, in TurnInfo info) => message switch
    {
        Deposit put => Once(state, new Booked("deposit", put.Op, put.Amount, "", 0)),
        Pay pay => Send(state, pay, info),
        Credit credit => credit.Number == Next(state.Received, credit.From)
            ? Note("credit", $"{credit.From}#{credit.Number}", credit.Amount, credit.From, credit.Number)
            : throw new InvalidOperationException(
                $"Credit {credit.Number} of {credit.From} came, and {Next(state.Received, credit.From)} is next."),
        SetAlarm set => Ring(state, set.Op, set.Op, info.Now.AddMilliseconds(set.Milliseconds)),
        ChangeAlarm change => ChangeAlarm(state, change, info),
        Rang rang => state.Alarms.GetValueOrDefault(rang.Op) == rang.Due.UtcTicks
            ? Note("rang", $"rang {rang.Op}", 0, rang.Op, rang.Due.UtcTicks)
            : throw new InvalidOperationException($"Alarm {rang.Op} rang as it was not set."),
        Order order => Once(state, new Booked("order", order.Op, 0, "", 0))
            .Start(order.Op, "work", new Work(order.Op)),
        Recall recall => Recalled(state, recall),
        Worked worked => state.Has($"over {worked.Op}")
            ? throw new InvalidOperationException($"Order {worked.Op} ended after its recall, or twice.")
            : Note("worked", $"over {worked.Op}"),
        EffectFailed { Payload: Work again } failed => Decision.Nothing.Start(failed.EffectId, "work", again),
        Poison poison => Once(state, new Booked("poison", poison.Op, 0, poison.To, 0))
            .Tell(new ActorKey(Kind, poison.To), new Venom(poison.Op)),
        Venom venom => Digest(state, venom),
        Refused { Message: Venom back } => Note("bounced", $"bounced {back.Op}"),
        Hoard hoard => Once(state, new Booked(new string('x', hoard.Size), hoard.Op, 0, "", 0)),
        Cure cure => Once(state, new Booked("cure", cure.Op, 0, "", 0)),
        _ => throw new InvalidOperationException($"Unknown message {message}."),
    };

    /// <inheritdoc/>
    public BankState Evolve(BankState state, object @event)
    {
        var booked = (Booked)@event;
        return new BankState(
            state.Balance + booked.Amount,
            booked.What == "pay" ? state.Sent.SetItem(booked.Other, booked.Number) : state.Sent,
            booked.What == "credit" ? state.Received.SetItem(booked.Other, booked.Number) : state.Received,
            booked.What switch
            {
                "alarm" => state.Alarms.SetItem(booked.Other, booked.Number),
                "rang" or "silence" => state.Alarms.Remove(booked.Other),
                _ => state.Alarms,
            },
            state.Done.SetItem(booked.Op, state.Done.GetValueOrDefault(booked.Op) + 1));
    }

    private static Decision Send(BankState state, Pay pay, in TurnInfo info)
    {
        var (number, half, to) = (Next(state.Sent, pay.To), pay.Amount / 2, new ActorKey("bank", pay.To));
        return Once(state, new Booked("pay", pay.Op, -pay.Amount, pay.To, number + 1))
            .Tell(to, new Credit(info.Self.Id, number, half))
            .Tell(to, new Credit(info.Self.Id, number + 1, pay.Amount - half));
    }

    private static Decision Ring(BankState state, string op, string alarm, DateTimeOffset due) =>
        Once(state, new Booked("alarm", op, 0, alarm, due.UtcTicks)).Wake(alarm, due, new Rang(alarm, due));

    private static Decision ChangeAlarm(BankState state, ChangeAlarm change, in TurnInfo info) =>
        !state.Alarms.ContainsKey(change.Alarm) ? Once(state, new Booked("late", change.Op, 0, "", 0))
        : change.Milliseconds is { } later
            ? Ring(state, change.Op, change.Alarm, info.Now.AddMilliseconds(later))
            : Once(state, new Booked("silence", change.Op, 0, change.Alarm, 0)).Unwake(change.Alarm);

    private static Decision Recalled(BankState state, Recall recall) =>
        state.Has($"over {recall.Order}") || !state.Has(recall.Order)
            ? Once(state, new Booked("late", recall.Op, 0, "", 0))
            : Once(state, new Booked("recall", recall.Op, 0, "", 0))
                .Record(new Booked("recalled", $"over {recall.Order}", 0, "", 0)) with
            {
                CancelledEffects = [recall.Order],
            };

    private Decision Digest(BankState state, Venom venom)
    {
        Tries[venom.Op] = Tries.GetValueOrDefault(venom.Op) + 1;
        return state.Has(Cured) ? Note("digested", $"digested {venom.Op}")
            : throw new InvalidOperationException($"Bank cannot digest {venom.Op}.");
    }

    private static Decision Note(string what, string op, int amount = 0, string other = "", long number = 0) =>
        Decision.Nothing.Record(new Booked(what, op, amount, other, number));

    private static Decision Once(BankState state, Booked booked) => state.Has(booked.Op)
        ? throw new InvalidOperationException($"{booked.Op} came twice.")
        : Decision.Nothing.Record(booked).Answer(new Accepted(booked.Op));

    private static long Next(ImmutableSortedDictionary<string, long> numbers, string bank) =>
        numbers.GetValueOrDefault(bank) + 1;
}
