using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Api;

/// <summary>One snapshot under two policies.</summary>
internal static class Replay
{
    private const string Stays = "stays as it is";

    /// <summary>Plans twice and compares.</summary>
    /// <exception cref="ProblemException">A policy refused the snapshot.</exception>
    public static ReplayView Of(long plan, string digest, Snapshot snapshot, PolicyChoice policy)
    {
        var (then, now) = (Make(snapshot, snapshot.Policy), Make(snapshot, policy));
        var before = then.Nodes.ToDictionary(one => one.Node, one => Text(snapshot, one));
        return new ReplayView(
            plan, Record(snapshot, digest, then, snapshot.Policy), Record(snapshot, digest, now, policy),
            [
                .. now.Nodes.Select(one => new ReplayRow(
                    snapshot.Nodes[one.Node].Name, before[one.Node], Text(snapshot, one)))
                    .Where(row => row.Then != row.Now),
            ]);
    }

    private static PlanRecord Record(Snapshot snapshot, string digest, Plan plan, PolicyChoice policy) =>
        PlanMaker.Record(snapshot with { Policy = policy }, digest, plan);

    private static Plan Make(Snapshot snapshot, PolicyChoice policy)
    {
        var answer = PlanMaker.Plan(snapshot, policy);
        return answer.Refused is { } no ? throw ProblemException.Conflict(no.Code, no.Reason, no.Remedy) : answer.Plan!;
    }

    private static string Text(Snapshot snapshot, NodeDecision one)
    {
        var parts = new List<string>();
        if (one.From != one.To) parts.Add($"moves to {snapshot.Hosts[one.To]}");
        if (one.CpuWeight is { } weight) parts.Add($"weight {weight}");
        if (one.CpuQuotaPercent is { } quota) parts.Add(quota == 0 ? "no limit" : $"limit {quota}%");
        if (one.GuestMiB is { } memory) parts.Add($"{memory} MiB");
        return parts.Count == 0 ? Stays : string.Join(", ", parts);
    }
}
