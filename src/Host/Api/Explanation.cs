using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Api;

/// <summary>
/// Why a node changed, or did not: the round is planned again on its snapshot, which gives every decision, also those
/// that change nothing and are not kept.
/// </summary>
internal static class Explanation
{
    /// <summary>The explanation for a node of the snapshot.</summary>
    /// <exception cref="ProblemException">The policy refused the snapshot.</exception>
    public static ExplainView Of(AdaptationState state, RoundReport round, Snapshot snapshot, NodeId id)
    {
        var answer = PlanMaker.Plan(snapshot, snapshot.Policy);
        if (answer.Refused is { } no) throw ProblemException.Conflict(no.Code, no.Reason, no.Remedy);
        var decision = answer.Plan!.Nodes.First(one => one.Node == id);
        var change = state.LastPlan?.Changes.FirstOrDefault(one => one.Node == id);
        return new ExplainView
        {
            Node = snapshot.Nodes[id].Name,
            Round = round.Round,
            At = snapshot.Inventory.At,
            Policy = snapshot.Policy.Name,
            From = snapshot.Hosts[decision.From],
            To = snapshot.Hosts[decision.To],
            CpuWeight = decision.CpuWeight,
            CpuQuotaPercent = decision.CpuQuotaPercent,
            GuestMiB = decision.GuestMiB,
            Why = decision.Reason.Text,
            Inputs = Inputs(snapshot.Inventory, id),
            PredictedUse = decision.Reason.PredictedUse,
            WishCores = decision.Reason.WishCores,
            Gain = decision.Reason.Gain,
            CostSeconds = decision.Reason.CostSeconds,
            Rejected =
            [
                .. decision.Reason.Rejected.Select(one => new RejectedPlace(Named(snapshot, one.Place), one.Why)),
            ],
            Outcome = change is null ? null : AdaptViews.Change(state, change),
        };
    }

    private static NodeInputs Inputs(Inventory inventory, NodeId id)
    {
        var nodes = inventory.Environments.SelectMany(one => one.Nodes).ToList();
        var node = nodes.First(one => one.Id == id);
        var host = inventory.Sites.SelectMany(site => site.Hosts).First(one => one.Id == node.Host);
        var here = nodes.Where(one => one.Host == node.Host).ToList();
        var last = node.Samples.Newest.FirstOrDefault();
        return new NodeInputs(
            node.Samples.Newest.Length, last?.At, last?.CpuUsedCores, last?.CpuWaitedCores, node.CpuCores,
            last?.MemoryUsedMiB, node.Vcpus, node.CpuWeight, node.CpuQuotaPercent, node.MemoryMiB, node.Pinned,
            node.LastMoved, host.CpuCores, here.Count,
            here.Sum(one => one.Samples.Newest.FirstOrDefault()?.CpuUsedCores ?? 0));
    }

    /// <summary>Planners know hosts by id, people by name.</summary>
    private static string Named(Snapshot snapshot, string place) =>
        snapshot.Hosts.FirstOrDefault(one => one.Key.Value == place).Value ?? place;
}
