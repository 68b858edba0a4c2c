using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>How plans and their reasons look.</summary>
internal static class AdaptTables
{
    /// <summary>Everything at a glance.</summary>
    public static IRenderable Status(AdaptView view)
    {
        var facts = Tables.Facts(
            ("mode", Mode(view)), ("period", $"{view.PeriodSeconds} s"), ("policy", PolicyText(view.Policy)),
            ("emptied", view.Closed.Length == 0 ? null : string.Join(", ", view.Closed)),
            ("round", view.Round is { } now ? $"{now} goes on" : null),
            ("last round", view.LastRound is { } last ? Round(last) : "none yet"),
            ("notes", view.LastRound is { Notes.Length: > 0 } noted ? string.Join("\n", noted.Notes) : null));
        return view.Plan is { } plan ? new Rows(facts, new Text(""), Plan(plan)) : facts;
    }

    /// <summary>What was set.</summary>
    public static string Settings(AdaptView view) =>
        $"Mode {Mode(view)}, every {view.PeriodSeconds} s, policy {PolicyText(view.Policy)}.";

    /// <summary>A policy on one line.</summary>
    public static string PolicyText(PolicyChoice policy) => policy.Options.IsEmpty
        ? policy.Name
        : $"{policy.Name} ({string.Join(", ", policy.Options.Select(one => $"{one.Key} {one.Value}"))})";

    /// <summary>A plan: node, change, why, gain, cost, and what became of it.</summary>
    public static IRenderable Plan(AdaptPlanView view)
    {
        var plan = view.Plan;
        var changes = $"{plan.Changes.Length} change{(plan.Changes.Length == 1 ? "" : "s")}";
        var head = new Text(
            $"Plan {plan.Plan} of {Time(plan.At)} by {PolicyText(plan.Policy)} for {plan.Nodes} nodes on {plan.Hosts} "
            + $"hosts: {(plan.Changes.Length == 0 ? "nothing to change" : changes)}"
            + $"{(plan.Left > 0 ? $", {plan.Left} left for later" : "")}"
            + $"{(view.ApprovedBy is { } by ? $", approved by {by}" : "")}.");
        if (plan.Changes.Length == 0) return head;
        var table = Tables.Of(
            plan.Changes.Zip(view.Changes),
            ("NODE", pair => pair.First.Name), ("CHANGE", pair => Change(pair.First)), ("WHY", pair => pair.First.Why),
            ("GAIN", pair => Number(pair.First.Gain)), ("COST", pair => $"{Number(pair.First.CostSeconds)} s"),
            ("STATE", pair => State(pair.Second)));
        return plan.Verdict.Length == 0
            ? new Rows(head, table)
            : new Rows(head, table, new Text("Not to be carried out: " + string.Join(
                " ", plan.Verdict.Select(wrong => Tables.Clean(wrong.Reason)))));
    }

    /// <summary>Plans.</summary>
    public static Table History(IEnumerable<PlanLine> plans) => Tables.Of(
        plans,
        ("PLAN", one => $"{one.Plan}"), ("AT", one => Time(one.At)), ("POLICY", one => one.Policy),
        ("ASKED BY", one => one.AskedBy), ("APPROVED BY", one => one.ApprovedBy), ("MOVES", one => $"{one.Moves}"),
        ("RESIZES", one => $"{one.Resizes}"), ("GAIN", one => Number(one.Gain)),
        ("COST", one => $"{Number(one.CostSeconds)} s"), ("DONE", one => $"{one.Done}"),
        ("REFUSED", one => $"{one.Refused}"), ("FAILED", one => $"{one.Failed}"),
        ("SNAPSHOT", one => one.Replayable ? one.Digest[..12] : "gone"), ("WHY", one => one.Why));

    /// <summary>Why a node changed or did not.</summary>
    public static IRenderable Explain(ExplainView view)
    {
        var inputs = view.Inputs;
        var facts = Tables.Facts(
            ("node", view.Node), ("round", $"{view.Round} of {Time(view.At)}, policy {view.Policy}"),
            ("decision", Decision(view)), ("why", view.Why),
            ("measured", inputs.Samples == 0 ? "no samples yet" : $"{inputs.Samples} samples; in the newest it used "
                + $"{Number(inputs.CpuUsedCores ?? 0)} cores and waited for {Number(inputs.CpuWaitedCores ?? 0)}, "
                + $"with {Number(inputs.MemoryUsedMiB ?? 0)} MiB of memory"),
            ("has", $"{Number(inputs.Vcpus)} virtual CPUs, weight {inputs.CpuWeight}, "
                + $"{(inputs.CpuQuotaPercent is { } quota ? $"at most {quota}%" : "no limit")}, "
                + $"{Number(inputs.CpuGivenCores)} cores given, {inputs.MemoryMiB} MiB booked"),
            ("host", $"{view.From}: {inputs.HostNodes} nodes use {Number(inputs.HostUsedCores)} of "
                + $"{Number(inputs.HostCores)} cores"),
            ("last moved", inputs.LastMoved is { } moved ? Time(moved) : "not lately"),
            ("expected", $"use {Number(view.PredictedUse)}, wish {Number(view.WishCores)} cores"),
            ("gain, cost", $"{Number(view.Gain)}, {Number(view.CostSeconds)} s of service"),
            ("outcome", view.Outcome is { } outcome ? State(outcome) : null));
        return view.Rejected.Length == 0
            ? facts
            : new Rows(facts, new Text(""), Tables.Of(
                view.Rejected, ("REJECTED", one => one.Place), ("BECAUSE", one => one.Why)));
    }

    /// <summary>Two policies on one snapshot.</summary>
    public static IRenderable Replay(ReplayView view)
    {
        var table = Tables.Of(
            new[] { ("then", view.Then), ("now", view.Now) },
            ("", one => one.Item1), ("POLICY", one => PolicyText(one.Item2.Policy)),
            ("MOVES", one => $"{one.Item2.Changes.Count(change => change.Moves())}"),
            ("RESIZES", one => $"{one.Item2.Changes.Count(change => change.Resizes())}"),
            ("GAIN", one => Number(one.Item2.Changes.Sum(change => change.Gain))),
            ("COST", one => $"{Number(one.Item2.Changes.Sum(change => change.CostSeconds))} s"),
            ("CHECKER", one => one.Item2.Verdict.Length == 0 ? "fine" : one.Item2.Verdict[0].Reason));
        return view.Rows.Length == 0
            ? new Rows(table, new Text(""), new Text("Both do the same."))
            : new Rows(table, new Text(""), Tables.Of(
                view.Rows, ("NODE", row => row.Node), ("THEN", row => row.Then), ("NOW", row => row.Now)));
    }

    private static string Mode(AdaptView view) => Tables.Word(view.Mode) + (view.Paused ? ", paused" : "");

    private static string Round(RoundReport last) =>
        $"{last.Round} of {Time(last.At)}: {last.Hosts} hosts, {last.Nodes} nodes, {last.Samples} new samples"
        + $"{(last.RefusedSamples > 0 ? $", {last.RefusedSamples} refused" : "")}, {Number(last.Seconds)} s"
        + $"{(last.Refused is { } no ? $"; refused: {no.Reason}" : "")}";

    private static string Change(PlannedChange change)
    {
        var parts = new List<string>();
        if (change.Moves()) parts.Add($"{change.FromName} -> {change.ToName}");
        if (change.CpuWeight is { } weight) parts.Add($"weight {weight}");
        if (change.CpuQuotaPercent is { } quota) parts.Add(quota == 0 ? "no limit" : $"limit {quota}%");
        if (change.GuestMiB is { } memory) parts.Add($"{memory} MiB");
        return string.Join(", ", parts);
    }

    private static string Decision(ExplainView view)
    {
        var parts = new List<string> { view.From == view.To ? $"stays on {view.From}" : $"{view.From} -> {view.To}" };
        if (view.CpuWeight is { } weight) parts.Add($"weight {weight}");
        if (view.CpuQuotaPercent is { } quota) parts.Add(quota == 0 ? "no limit" : $"limit {quota}%");
        if (view.GuestMiB is { } memory) parts.Add($"{memory} MiB");
        return string.Join(", ", parts);
    }

    private static string State(ChangeView change) =>
        Tables.Word(change.Phase) + (change.Failure is { } why ? $": {why.Reason}" : "");

    private static string Time(DateTimeOffset at) => $"{at:yyyy-MM-dd HH:mm:ss}Z";

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
