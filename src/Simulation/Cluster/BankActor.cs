using System.Collections.Immutable;
using VioActors.Runtime;

namespace VioActors.Simulation.Cluster;

/// <summary>Puts money in; asked from outside. <paramref name="Op"/> is unique.</summary>
internal sealed record Deposit(string Op, int Amount);

/// <summary>Sends money to another bank; asked from outside.</summary>
internal sealed record Pay(string Op, string To, int Amount);

/// <summary>Money that another bank sent: its <paramref name="Number"/>th to this one.</summary>
internal sealed record Credit(string From, long Number, int Amount);

/// <summary>Sets an alarm; asked from outside.</summary>
internal sealed record SetAlarm(string Op, int Milliseconds);

/// <summary>The alarm.</summary>
internal sealed record Rang(string Op);

/// <summary>Starts work outside; asked from outside.</summary>
internal sealed record Order(string Op);

/// <summary>The work, and its end.</summary>
internal sealed record Work(string Op);

/// <summary>The work ended.</summary>
internal sealed record Worked(string Op);

/// <summary>Done.</summary>
internal sealed record Accepted(string Op);

/// <summary>One change of a bank: what happened, once per <paramref name="Op"/>.</summary>
internal sealed record Booked(string What, string Op, int Amount, string Other, long Number);

/// <summary>What a bank knows.</summary>
internal sealed record BankState(
    long Balance, ImmutableSortedDictionary<string, long> Sent, ImmutableSortedDictionary<string, long> Received,
    ImmutableSortedDictionary<string, int> Done);

/// <summary>
/// The actor of cluster simulations. Its rules are those of the runtime made visible: an operation happens once, what
/// one bank sends another arrives once and in order. A message that breaks them throws, and becomes a dead letter.
/// </summary>
internal sealed class BankActor : IActor<BankState>
{
    private static readonly ImmutableSortedDictionary<string, long> None =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Names of everything it stores.</summary>
    public static MessageCodec Codec { get; } = new(
    [
        ("bank.deposit/1", typeof(Deposit)), ("bank.pay/1", typeof(Pay)), ("bank.credit/1", typeof(Credit)),
        ("bank.set-alarm/1", typeof(SetAlarm)), ("bank.rang/1", typeof(Rang)), ("bank.order/1", typeof(Order)),
        ("bank.work/1", typeof(Work)), ("bank.worked/1", typeof(Worked)), ("bank.accepted/1", typeof(Accepted)),
        ("bank.booked/1", typeof(Booked)),
    ]);

    /// <inheritdoc/>
    public string Kind => "bank";

    /// <summary>Key of the bank with this number.</summary>
    public static ActorKey Key(int number) => new("bank", $"b{number}");

    /// <inheritdoc/>
    public BankState Initial(ActorKey self) =>
        new(0, None, None, ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    /// <inheritdoc/>
    public Decision Decide(BankState state, object message, in TurnInfo info) => message switch
    {
        Deposit put => Once(state, new Booked("deposit", put.Op, put.Amount, "", 0)),
        Pay pay => Once(state, new Booked("pay", pay.Op, -pay.Amount, pay.To, Next(state.Sent, pay.To)))
            .Tell(new ActorKey(Kind, pay.To), new Credit(info.Self.Id, Next(state.Sent, pay.To), pay.Amount)),
        Credit credit => credit.Number == Next(state.Received, credit.From)
            ? Decision.Nothing.Record(
                new Booked("credit", $"{credit.From}#{credit.Number}", credit.Amount, credit.From, credit.Number))
            : throw new InvalidOperationException(
                $"Credit {credit.Number} of {credit.From} came, and {Next(state.Received, credit.From)} is next."),
        SetAlarm set => Once(state, new Booked("alarm", set.Op, 0, "", 0))
            .Wake(set.Op, info.Now.AddMilliseconds(set.Milliseconds), new Rang(set.Op)),
        Rang rang => Decision.Nothing.Record(new Booked("rang", $"rang {rang.Op}", 0, "", 0)),
        Order order => Once(state, new Booked("order", order.Op, 0, "", 0))
            .Start(order.Op, "work", new Work(order.Op)),
        Worked worked => Decision.Nothing.Record(new Booked("worked", $"worked {worked.Op}", 0, "", 0)),
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
            state.Done.SetItem(booked.Op, state.Done.GetValueOrDefault(booked.Op) + 1));
    }

    private static Decision Once(BankState state, Booked booked) => state.Done.ContainsKey(booked.Op)
        ? throw new InvalidOperationException($"{booked.Op} came twice.")
        : Decision.Nothing.Record(booked).Answer(new Accepted(booked.Op));

    private static long Next(ImmutableSortedDictionary<string, long> numbers, string bank) =>
        numbers.GetValueOrDefault(bank) + 1;
}
