using System.Collections.Immutable;

namespace VioActors.Contracts.Adaptation;

/// <summary>The manager works so from here on.</summary>
[Wire("adaptation.was-set")]
public sealed record AdaptationWasSet(AdaptMode Mode, int PeriodSeconds, bool Paused, PolicyChoice Policy, string By);

/// <summary>A host is being emptied, or takes nodes again.</summary>
[Wire("adaptation.host-closed")]
public sealed record HostClosed(HostId Host, string Name, bool Closed, string By);

/// <summary>A round began.</summary>
/// <param name="Round">Its number.</param>
/// <param name="Policy">By which policy.</param>
/// <param name="AskedBy">Who asked for it; null: it was time.</param>
/// <param name="At">When.</param>
[Wire("adaptation.round-began")]
public sealed record RoundBegan(long Round, PolicyChoice Policy, string? AskedBy, DateTimeOffset At);

/// <summary>A round ended.</summary>
/// <param name="Report">How.</param>
[Wire("adaptation.round-ended")]
public sealed record RoundEnded(RoundReport Report);

/// <summary>A plan was made that changes something else than the one before, or that somebody asked for.</summary>
[Wire("adaptation.plan-made")]
public sealed record PlanMade(PlanRecord Plan);

/// <summary>Changes of a plan shall be carried out.</summary>
/// <param name="Plan">Its number.</param>
/// <param name="By">Who said so; <c>system:adaptation</c> in the modes partial and automatic.</param>
/// <param name="At">When.</param>
/// <param name="Changes">What shall be done.</param>
[Wire("adaptation.plan-approved")]
public sealed record PlanApproved(
    long Plan, string By, DateTimeOffset At, ImmutableArray<PlannedChange> Changes);

/// <summary>A change is being carried out.</summary>
[Wire("adaptation.change-began")]
public sealed record ChangeBegan(long Plan, NodeId Node);

/// <summary>A change ended.</summary>
/// <param name="Result">How.</param>
/// <param name="At">When.</param>
[Wire("adaptation.change-ended")]
public sealed record ChangeEnded(AdaptChangeDone Result, DateTimeOffset At);
