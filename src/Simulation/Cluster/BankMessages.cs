using VioActors.Runtime;

namespace VioActors.Simulation.Cluster;

// What is asked from outside: each has a unique Op.

/// <summary>Puts money in; asked from outside. <paramref name="Op"/> is unique.</summary>
internal sealed record Deposit(string Op, int Amount);

/// <summary>Sends money to another bank, in two halves; asked from outside.</summary>
internal sealed record Pay(string Op, string To, int Amount);

/// <summary>Sets an alarm; asked from outside.</summary>
internal sealed record SetAlarm(string Op, int Milliseconds);

/// <summary>Sets an alarm that did not ring yet to another time, or (null) clears it; asked from outside.</summary>
internal sealed record ChangeAlarm(string Op, string Alarm, int? Milliseconds);

/// <summary>Starts work outside; asked from outside.</summary>
internal sealed record Order(string Op);

/// <summary>Stops work that did not end yet; asked from outside.</summary>
internal sealed record Recall(string Op, string Order);

/// <summary>Sends another bank what it cannot digest yet; asked from outside.</summary>
internal sealed record Poison(string Op, string To);

/// <summary>Records what no store takes; asked from outside.</summary>
internal sealed record Hoard(string Op, int Size);

/// <summary>From now on the bank digests everything; asked from outside.</summary>
internal sealed record Cure(string Op);

// What banks tell each other and themselves.

/// <summary>Money that another bank sent: its <paramref name="Number"/>th to this one.</summary>
internal sealed record Credit(string From, long Number, int Amount);

/// <summary>What a bank cannot digest before its cure.</summary>
internal sealed record Venom(string Op);

/// <summary>The alarm, as it was set for that time.</summary>
internal sealed record Rang(string Op, DateTimeOffset Due);

/// <summary>The work.</summary>
internal sealed record Work(string Op);

/// <summary>The work ended.</summary>
internal sealed record Worked(string Op);

/// <summary>Done.</summary>
internal sealed record Accepted(string Op);

/// <summary>One change of a bank: what happened, once per <paramref name="Op"/>.</summary>
internal sealed record Booked(string What, string Op, int Amount, string Other, long Number);

/// <summary>Names of everything a bank stores.</summary>
internal static class BankMessages
{
    public static MessageCodec Codec { get; } = new(
    [
        ("bank.deposit/1", typeof(Deposit)), ("bank.pay/1", typeof(Pay)), ("bank.credit/1", typeof(Credit)),
        ("bank.set-alarm/1", typeof(SetAlarm)), ("bank.change-alarm/1", typeof(ChangeAlarm)),
        ("bank.rang/1", typeof(Rang)), ("bank.order/1", typeof(Order)), ("bank.recall/1", typeof(Recall)),
        ("bank.work/1", typeof(Work)), ("bank.worked/1", typeof(Worked)), ("bank.poison/1", typeof(Poison)),
        ("bank.venom/1", typeof(Venom)), ("bank.hoard/1", typeof(Hoard)), ("bank.cure/1", typeof(Cure)),
        ("bank.accepted/1", typeof(Accepted)), ("bank.booked/1", typeof(Booked)),
    ]);
}
