namespace VioActors.Contracts.Adaptation;

/// <summary>Changes how a site's manager works; null leaves a part. Not answered.</summary>
/// <param name="Mode">What it does by itself.</param>
/// <param name="PeriodSeconds">Seconds from the end of a round to the next, 1 to 3600.</param>
/// <param name="Paused">Whether rounds of its own stand still.</param>
/// <param name="Policy">Which policy makes plans.</param>
[Wire("adaptation.set")]
public sealed record SetAdaptation(
    AdaptMode? Mode = null, int? PeriodSeconds = null, bool? Paused = null, PolicyChoice? Policy = null);

/// <summary>Asks for a plan now; changes nothing. The reply is <see cref="RoundAccepted"/>.</summary>
/// <param name="Policy">By this policy; null is the site's own.</param>
[Wire("adaptation.plan")]
public sealed record AskPlan(PolicyChoice? Policy);

/// <summary>The round whose plan answers.</summary>
/// <param name="Round">Its number.</param>
[Wire("adaptation.round-accepted")]
public sealed record RoundAccepted(long Round);

/// <summary>Carries out the latest plan. The reply is <see cref="PlanAccepted"/>.</summary>
/// <param name="Plan">The plan that is meant; refused when a newer one was made. Null is the latest.</param>
[Wire("adaptation.apply")]
public sealed record ApplyPlan(long? Plan);

/// <summary>The plan is on its way.</summary>
/// <param name="Plan">Its number.</param>
/// <param name="Changes">How many nodes it changes.</param>
[Wire("adaptation.plan-accepted")]
public sealed record PlanAccepted(long Plan, int Changes);

/// <summary>Empties a host, or lets nodes come again. Not answered.</summary>
/// <param name="Host">The host.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Closed">Whether it takes no nodes and gives up those it has.</param>
[Wire("adaptation.close-host")]
public sealed record CloseHost(HostId Host, string Name, bool Closed);

/// <summary>Timer: it is time for a round.</summary>
[Wire("adaptation.tick")]
public sealed record AdaptTick;

/// <summary>Payload of the effect <c>adapt-round</c>; answered by <see cref="AdaptRoundDone"/>.</summary>
/// <param name="Round">Which round.</param>
/// <param name="Policy">By which policy.</param>
[Wire("adaptation.round")]
public sealed record AdaptRound(long Round, PolicyChoice Policy);

/// <summary>Result of the effect <c>adapt-round</c>.</summary>
/// <param name="Report">How it went.</param>
/// <param name="Plan">What it planned, not numbered yet; null when that was refused.</param>
[Wire("adaptation.round-done")]
public sealed record AdaptRoundDone(RoundReport Report, PlanRecord? Plan);

/// <summary>Payload of the effect <c>adapt-change</c>; answered by <see cref="AdaptChangeDone"/>.</summary>
/// <param name="Plan">Of which plan.</param>
/// <param name="PlannedAt">When that plan's inventory was taken.</param>
/// <param name="Change">What to do; no choice is left.</param>
[Wire("adaptation.change")]
public sealed record AdaptChange(long Plan, DateTimeOffset PlannedAt, PlannedChange Change);

/// <summary>Result of the effect <c>adapt-change</c>.</summary>
/// <param name="Plan">Of which plan.</param>
/// <param name="Node">Whose change.</param>
/// <param name="Phase">How it ended: done, refused or failed.</param>
/// <param name="Failure">Why it was not done; null when it was.</param>
/// <param name="Resized">Whether its amounts were set, also when what came after failed.</param>
/// <param name="Moved">Whether the node changed its host.</param>
[Wire("adaptation.change-done")]
public sealed record AdaptChangeDone(
    long Plan, NodeId Node, ChangePhase Phase, Failure? Failure, bool Resized, bool Moved);
