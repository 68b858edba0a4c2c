using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// From a snapshot to a plan that can be kept: plan, take out what may not be changed, check. Pure, so that a kept
/// snapshot gives the same plan again.
/// </summary>
public static class PlanMaker
{
    /// <summary>The plan of this snapshot by its own or another policy; or why there is none.</summary>
    /// <param name="snapshot">What was there.</param>
    /// <param name="policy">By which policy; one that <see cref="PolicyOptions.Refuse(PolicyChoice)"/> takes.</param>
    public static PlanAnswer Plan(Snapshot snapshot, PolicyChoice policy) =>
        Plan(snapshot, PolicyOptions.Create(policy));

    /// <summary>The plan of this snapshot by a planner; or why there is none.</summary>
    /// <param name="snapshot">What was there.</param>
    /// <param name="planner">Who plans.</param>
    public static PlanAnswer Plan(Snapshot snapshot, IPlanner planner)
    {
        var answer = planner.Plan(snapshot.Inventory);
        if (answer.Plan is not { } plan) return answer;
        var nodes = snapshot.Inventory.Environments.SelectMany(one => one.Nodes).ToDictionary(node => node.Id);
        return answer with
        {
            Plan = plan with
            {
                Nodes = [.. plan.Nodes.Select(one => Allowed(one, nodes[one.Node], snapshot.Nodes[one.Node].Holds))],
            },
        };
    }

    /// <summary>The record of a plan: what it changes, and what the checker says.</summary>
    /// <param name="snapshot">What it was made from.</param>
    /// <param name="digest">Of that snapshot.</param>
    /// <param name="plan">The plan.</param>
    public static PlanRecord Record(Snapshot snapshot, string digest, Plan plan) =>
        Record(snapshot, digest, plan, PolicyOptions.Create(snapshot.Policy).Limits);

    /// <summary>The record of a plan that was made under limits that are not those of a policy by name.</summary>
    /// <param name="snapshot">What it was made from.</param>
    /// <param name="digest">Of that snapshot.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">What it may move at most; null: any number.</param>
    public static PlanRecord Record(Snapshot snapshot, string digest, Plan plan, PlanLimits? limits)
    {
        var environments = snapshot.Inventory.Environments
            .SelectMany(one => one.Nodes, (one, node) => (one.Id, Node: node.Id))
            .ToDictionary(one => one.Node, one => one.Id);
        var all = plan.Nodes.Where(Changes).Select(one => Change(snapshot, environments[one.Node], one)).ToList();
        var kept = Kept(all);
        return new PlanRecord
        {
            Plan = 0,
            At = snapshot.Inventory.At,
            Policy = snapshot.Policy,
            Digest = digest,
            Hosts = snapshot.Hosts.Count,
            Nodes = snapshot.Nodes.Count,
            Changes = kept,
            Left = all.Count - kept.Length,
            Verdict = [.. PlanChecker.Check(plan, snapshot.Inventory, limits).Take(ManagerLimits.Rejected)],
        };
    }

    /// <summary>Whether a decision changes anything.</summary>
    public static bool Changes(NodeDecision one) => one.From != one.To || one.CpuWeight is not null
        || one.CpuQuotaPercent is not null || one.GuestMiB is not null;

    /// <summary>Whether two plans change the same, for whatever reasons.</summary>
    public static bool DoSame(PlanRecord one, PlanRecord other) => one.Changes.Length == other.Changes.Length
        && one.Changes.Zip(other.Changes).All(pair => pair.First.DoesAs(pair.Second))
        && one.Verdict.Select(wrong => wrong.Code).SequenceEqual(other.Verdict.Select(wrong => wrong.Code));

    /// <summary>
    /// The decision without what is as it is already, and without what may not be changed; that it was wanted stays
    /// among the rejected options. A place is held by pinning the node, which planners know.
    /// </summary>
    private static NodeDecision Allowed(NodeDecision one, NodeInventory node, NodeHolds holds)
    {
        var weight = one.CpuWeight == node.CpuWeight ? null : one.CpuWeight;
        var quota = one.CpuQuotaPercent == (node.CpuQuotaPercent ?? 0) ? null : one.CpuQuotaPercent;
        var memory = one.GuestMiB == node.GuestMiB ? null : one.GuestMiB;
        var rejected = one.Reason.Rejected.IsDefault ? [] : one.Reason.Rejected;
        if (weight is not null && holds.Weight is { } heldWeight)
            (weight, rejected) = (null, rejected.Add(new RejectedOption($"CPU weight {weight}", heldWeight)));
        if (quota is not null && holds.Quota is { } heldQuota)
            (quota, rejected) = (null, rejected.Add(new RejectedOption($"CPU limit {quota}%", heldQuota)));
        if (memory is not null && holds.Memory is { } heldMemory)
            (memory, rejected) = (null, rejected.Add(new RejectedOption($"memory {memory} MiB", heldMemory)));
        if (holds.Place is { } place) rejected = rejected.Add(new RejectedOption("any other host", place));
        return one with
        {
            CpuWeight = weight,
            CpuQuotaPercent = quota,
            GuestMiB = memory,
            Reason = one.Reason with { Rejected = rejected },
        };
    }

    /// <summary>
    /// Moves before other changes, then by what they are worth. An environment's moves stay together: nodes that belong
    /// on one host must not be parted by a limit.
    /// </summary>
    private static ImmutableArray<PlannedChange> Kept(List<PlannedChange> all)
    {
        if (all.Count <= ManagerLimits.ChangesPerPlan) return [.. all.OrderByDescending(change => change.Moves())];
        var kept = new List<PlannedChange>();
        var moves = all.Where(change => change.Moves()).GroupBy(change => change.Environment)
            .OrderByDescending(group => group.Sum(change => change.Gain)).ThenBy(group => group.Key);
        foreach (var group in moves)
            if (kept.Count + group.Count() <= ManagerLimits.ChangesPerPlan)
                kept.AddRange(group);
        kept.AddRange(all.Where(change => !change.Moves()).OrderByDescending(change => change.Gain)
            .Take(ManagerLimits.ChangesPerPlan - kept.Count));
        return [.. kept];
    }

    private static PlannedChange Change(Snapshot snapshot, EnvironmentId environment, NodeDecision one)
    {
        var facts = snapshot.Nodes[one.Node];
        return new PlannedChange
        {
            Node = one.Node,
            Environment = environment,
            Name = facts.Name,
            Run = facts.Run,
            From = one.From,
            To = one.To,
            FromName = snapshot.Hosts[one.From],
            ToName = snapshot.Hosts[one.To],
            CpuWeight = one.CpuWeight,
            CpuQuotaPercent = one.CpuQuotaPercent,
            GuestMiB = one.GuestMiB,
            Why = one.Reason.Text,
            PredictedUse = one.Reason.PredictedUse,
            GivenCores = one.Reason.GivenCores,
            WishCores = one.Reason.WishCores,
            Gain = one.Reason.Gain,
            CostSeconds = one.Reason.CostSeconds,
            Rejected =
            [
                .. one.Reason.Rejected.Take(ManagerLimits.Rejected)
                    .Select(option => new RejectedPlace(option.Place, option.Why)),
            ],
        };
    }
}
