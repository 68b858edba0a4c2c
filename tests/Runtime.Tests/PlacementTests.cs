using System.Collections.Immutable;

namespace VioActors.Runtime.Tests;

public sealed class PlacementTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TheFirstServerTakesAllAndTheSecondStaysWarm()
    {
        var view = View(["a", "b"], "", "", "", "");
        Assert.Equal([0, 1, 2, 3], Decide(view, "a", ShardPlacement.OnOne).Claim);
        Assert.Empty(Decide(view, "b", ShardPlacement.OnOne).Claim);
    }

    [Fact]
    public void WhoOwnsMostStaysAndGetsTheRest()
    {
        var view = View(["a", "b"], "b", "b", "a", "");
        Assert.Equal([3], Decide(view, "b", ShardPlacement.OnOne).Claim);
        Assert.Equal([2], Decide(view, "a", ShardPlacement.OnOne).HandOver);
    }

    [Fact]
    public void ADrainingServerGivesAllAway()
    {
        var view = View(["a", "b"], "a", "a", "", "a", draining: "a");
        Assert.Equal([0, 1, 3], Decide(view, "a", ShardPlacement.OnOne).HandOver);
        Assert.Empty(Decide(view, "a", ShardPlacement.OnOne).Claim);
        Assert.Equal([2], Decide(view, "b", ShardPlacement.OnOne).Claim);
    }

    [Fact]
    public void ADrainingServerServesWhileThereIsNobodyElse()
    {
        var view = View(["a"], ["a", "dead"], draining: "a");
        Assert.Equal([1], Decide(view, "a", ShardPlacement.OnOne).Claim);
        Assert.Empty(Decide(view, "a", ShardPlacement.OnOne).HandOver);
    }

    [Fact]
    public void AShardThatWasDroppedIsClaimedAgain() =>
        Assert.Equal([1], Placement.Decide(View(["a"], "a", "a"), "a", [0], ShardPlacement.OnOne).Claim);

    /// <summary>
    /// Every state of 5 shards and 3 servers: when each server does its step again and again, the shards come to rest,
    /// each with one owner, and nobody owns more than one above its share.
    /// </summary>
    [Theory]
    [InlineData(ShardPlacement.OnOne)]
    [InlineData(ShardPlacement.Spread)]
    public void FromEveryStateShardsComeToRest(ShardPlacement placement)
    {
        string[] owners = ["", "a", "b", "c", "dead"];
        for (var state = 0; state < 3125; state++)
        {
            var shards = Enumerable.Range(0, 5).Select(i => owners[state / (int)Math.Pow(5, i) % 5]).ToArray();
            for (var round = 0; round < 12; round++)
            {
                foreach (var me in owners[1..4])
                {
                    var step = Decide(View(["a", "b", "c"], shards), me, placement);
                    Assert.Empty(step.Claim.Intersect(step.HandOver));
                    foreach (var shard in step.HandOver) shards[shard] = "";
                    foreach (var shard in step.Claim) shards[shard] = me;
                }
            }
            var rest = View(["a", "b", "c"], shards);
            Assert.All(owners[1..4], me => Assert.Equal(
                (0, 0), (Decide(rest, me, placement).Claim.Length, Decide(rest, me, placement).HandOver.Length)));
            var most = shards.CountBy(owner => owner).Max(pair => pair.Value);
            Assert.DoesNotContain("dead", shards);
            Assert.Equal(placement == ShardPlacement.OnOne ? 5 : 2, most);
        }
    }

    private static PlacementStep Decide(ClusterView view, string me, ShardPlacement placement) =>
        Placement.Decide(view, me, Held(view, me), placement);

    private static ImmutableArray<int> Held(ClusterView view, string me) =>
        [.. view.Shards.Where(shard => shard.Owner == me).Select(shard => shard.Shard)];

    private static ClusterView View(string[] alive, params string[] owners) => View(alive, owners, null);

    private static ClusterView View(
        string[] alive, string one, string two, string three, string four, string draining) =>
        View(alive, [one, two, three, four], draining);

    private static ClusterView View(string[] alive, string[] owners, string? draining) => new(
        [.. alive.Select((name, i) =>
            new ServerSeen(new ServerRow(name, name, "", name == draining), Start.AddSeconds(i), IsAlive: true))],
        [.. owners.Select((owner, i) => new ShardSeen(i, owner, !alive.Contains(owner)))]);
}
