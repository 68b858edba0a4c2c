using VioActors.Runtime;

namespace VioActors.Embedded.Sample.Accounts;

public sealed record Deposit(int Amount);

public sealed record Withdraw(int Amount);

public sealed record Balance(int Amount);

public sealed record Deposited(int Amount);

public sealed record Withdrawn(int Amount);

/// <summary>Payload of the effect <c>receipt</c>: print it, once.</summary>
public sealed record Receipt(int Amount);

public sealed record ReceiptPrinted(string ReceiptId);

public sealed record AccountState(int Balance, int Receipts);

internal static class AccountMessages
{
    /// <summary>Names of everything that is stored or sent; they never change.</summary>
    public static readonly (string Name, Type Type)[] Names =
    [
        ("account.deposit/1", typeof(Deposit)), ("account.withdraw/1", typeof(Withdraw)),
        ("account.balance/1", typeof(Balance)), ("account.deposited/1", typeof(Deposited)),
        ("account.withdrawn/1", typeof(Withdrawn)), ("account.receipt/1", typeof(Receipt)),
        ("account.receipt-printed/1", typeof(ReceiptPrinted)),
    ];
}

/// <summary>Money of one person: two pure functions over a state.</summary>
public sealed class AccountActor : IActor<AccountState>
{
    public string Kind => "account";

    public static ActorKey Key(string id) => new("account", id);

    public AccountState Initial(ActorKey self) => new(0, 0);

    public Decision Decide(AccountState state, object message, in TurnInfo info) => message switch
    {
        Deposit { Amount: <= 0 } or Withdraw { Amount: <= 0 } =>
            Decision.Refuse("amount", "An amount is 1 or more.", "Send another amount."),
        Deposit deposit => Decision.Nothing
            .Record(new Deposited(deposit.Amount))
            .Answer(new Balance(state.Balance + deposit.Amount)),
        Withdraw withdraw when withdraw.Amount > state.Balance =>
            Decision.Refuse("too-little", $"The account holds {state.Balance}.", "Withdraw less."),
        Withdraw withdraw => Decision.Nothing
            .Record(new Withdrawn(withdraw.Amount))
            .Start(info.TurnId, "receipt", new Receipt(withdraw.Amount))
            .Answer(new Balance(state.Balance - withdraw.Amount)),
        ReceiptPrinted printed => Decision.Nothing.Record(printed),
        EffectFailed => Decision.Nothing,
        _ => throw new InvalidOperationException($"Unknown message {message}."),
    };

    public AccountState Evolve(AccountState state, object @event) => @event switch
    {
        Deposited deposited => state with { Balance = state.Balance + deposited.Amount },
        Withdrawn withdrawn => state with { Balance = state.Balance - withdrawn.Amount },
        ReceiptPrinted => state with { Receipts = state.Receipts + 1 },
        _ => throw new InvalidOperationException($"Unknown event {@event}."),
    };
}
