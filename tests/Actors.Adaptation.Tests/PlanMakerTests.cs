using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class PlanMakerTests
{
    [Fact]
    public void A_snapshot_gives_the_same_plan_after_it_was_written_and_read()
    {
        var snapshot = Busy();
        var (kept, json) = (Record(snapshot), JsonSerializer.Serialize(snapshot, SnapshotJson.Options));
        var read = JsonSerializer.Deserialize<Snapshot>(json, SnapshotJson.Options)!;
        Assert.NotEmpty(kept.Changes);
        Assert.Empty(kept.Verdict);
        Assert.Equal(JsonSerializer.Serialize(kept, Wire.Json), JsonSerializer.Serialize(Record(read), Wire.Json));
        Assert.Equal(json, JsonSerializer.Serialize(read, SnapshotJson.Options));
    }

    [Fact]
    public void A_history_that_is_no_history_is_not_read()
    {
        var json = JsonSerializer.Serialize(Busy(), SnapshotJson.Options);
        var bad = json.Replace("\"cpuUsedCores\":1,", "\"cpuUsedCores\":-1,", StringComparison.Ordinal);
        Assert.NotEqual(json, bad);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Snapshot>(bad, SnapshotJson.Options));
    }

    [Fact]
    public void Nodes_that_are_held_stay_and_say_why()
    {
        var snapshot = Busy(NodeHolds.All("operation op-1 works on it"));
        var plan = PlanMaker.Plan(snapshot, snapshot.Policy).Plan!;
        Assert.DoesNotContain(plan.Nodes, PlanMaker.Changes);
        Assert.All(plan.Nodes, one => Assert.Contains(one.Reason.Rejected, option => option.Why.Contains("op-1")));
    }

    [Theory]
    [InlineData(100, 100, null, null)]
    [InlineData(100, 250, 250, null)]
    [InlineData(100, 250, null, "somebody set its CPU weight")]
    [InlineData(100, 300, 250, "somebody set its CPU weight")]
    [InlineData(300, 300, null, null)]
    [InlineData(300, 100, null, "somebody set its CPU weight")]
    public void What_people_set_is_theirs(int written, int now, int? ours, string? held)
    {
        var memory = ours is { } weight ? new NodeMemory(Sites.Now) { CpuWeight = weight } : null;
        var holds = AmountRule.Of(
            new NodeAmount(256, written, null), new NodeAmount(256, now, null), memory, hasBalloon: true);
        Assert.Equal(held, holds.Weight);
        Assert.Null(holds.Quota);
        Assert.Null(holds.Memory);
    }

    [Fact]
    public void Limits_and_memory_of_people_are_theirs_too()
    {
        var memory = new NodeMemory(Sites.Now) { CpuQuotaPercent = 50, GuestMiB = 128 };
        NodeHolds Of(NodeAmount written, NodeAmount now, bool balloon = true) =>
            AmountRule.Of(written, now, memory, balloon);
        var usual = new NodeAmount(256, 100, null);
        Assert.Equal(NodeHolds.None, Of(usual, new NodeAmount(128, 100, 50)));
        Assert.NotNull(Of(usual, new NodeAmount(128, 100, 60)).Quota);
        Assert.NotNull(Of(usual with { CpuQuotaPercent = 80 }, usual).Quota);
        Assert.Null(Of(usual with { CpuQuotaPercent = 80 }, new NodeAmount(256, 100, 80)).Quota);
        Assert.NotNull(Of(usual, new NodeAmount(200, 100, null)).Memory);
        Assert.NotNull(Of(usual, usual, balloon: false).Memory);
    }

    [Theory]
    [InlineData("4", true)]
    [InlineData("1", false)]
    public void A_plan_that_moves_more_than_its_policy_may_is_wrong(string movesPerHost, bool isRight)
    {
        var snapshot = Busy() with
        {
            Policy = new PolicyChoice(
                "vio", ImmutableSortedDictionary<string, string>.Empty.Add("movesPerHost", movesPerHost)),
        };
        var plan = PlanMaker.Plan(snapshot, snapshot.Policy).Plan!;
        var both = plan with { Nodes = [.. plan.Nodes.Select(one => one with { To = Sites.Host(2), CpuCores = 0.4 })] };
        var record = PlanMaker.Record(snapshot, new string('b', 64), both);
        Assert.True(isRight == record.Verdict.IsEmpty, string.Join(' ', record.Verdict));
    }

    private static PlanRecord Record(Snapshot snapshot) => PlanMaker.Record(
        snapshot, new string('b', 64), PlanMaker.Plan(snapshot, snapshot.Policy).Plan!);

    /// <summary>Two busy nodes on one host and an empty host beside it.</summary>
    private static Snapshot Busy(NodeHolds? holds = null)
    {
        var nodes = new[] { 1, 2 }.Select(number => Sites.NodeOn(number, 1) with
        {
            Pinned = holds?.Place is not null,
            Samples = Long(number),
        }).ToArray();
        return new Snapshot
        {
            Policy = PolicyChoice.Of("violin-2007"),
            Inventory = Sites.Inventory(Sites.Of(4096, 2), Sites.Env(1, nodes)),
            Hosts = new[] { 1, 2 }.ToImmutableSortedDictionary(Sites.Host, number => $"host{number}"),
            Nodes = nodes.ToImmutableSortedDictionary(
                node => node.Id, node => new NodeFacts($"e1/{node.Id}", 1, holds ?? NodeHolds.None)),
        };
    }

    private static SampleHistory Long(int node)
    {
        var history = SampleHistory.Empty;
        for (var second = SampleHistory.Limit; second >= 1; second--)
            (history, _) = history.Add(
                Sites.Node(node), new Sample(Sites.Now.AddSeconds(-second), 1, 1, 100), Sites.Now);
        return history;
    }
}
