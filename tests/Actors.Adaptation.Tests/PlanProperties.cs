using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Violin;

namespace VioActors.Actors.Adaptation.Tests;

/// <summary>Random inventories, also tight and odd ones: every plan passes the checker, and plans settle.</summary>
public sealed class PlanProperties
{
    private const int Rounds = 1500;

    public static TheoryData<string> Kinds => ["as-printed", "corrected", "capped"];

    private static ViolinPlanner Of(string kind) => new(kind switch
    {
        "as-printed" => ViolinOptions.AsPrinted,
        "capped" => ViolinOptions.Corrected with { CapAtVcpus = true },
        _ => ViolinOptions.Corrected,
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_plan_passes_the_checker(string kind)
    {
        var moved = 0;
        for (var seed = 0; seed < Rounds; seed++)
        {
            var inventory = Some(new Random(seed));
            var answer = Of(kind).Plan(inventory);
            Assert.True(answer.Plan is not null, $"seed {seed}: {answer.Refused}");
            var wrong = PlanChecker.Check(answer.Plan, inventory);
            Assert.True(wrong.Count == 0, $"seed {seed}: {string.Join('\n', wrong)}");
            moved += answer.Plan.Moves.Count();
        }

        // Control: plans that move nothing would pass too.
        Assert.True(moved > Rounds / 10, $"only {moved} moves");
    }

    [Fact]
    public void The_same_inventory_gives_the_same_plan()
    {
        for (var seed = 0; seed < 100; seed++)
            Assert.Equal(Text(seed), Text(seed));

        static string Text(int seed) => System.Text.Json.JsonSerializer.Serialize(
            new ViolinPlanner(ViolinOptions.Corrected).Plan(Some(new Random(seed))).Plan);
    }

    internal static Inventory Some(Random random)
    {
        var sites = Sites.Of(random.Next(600, 4000), [.. Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => random.Next(1, 6))]);
        sites = [.. sites.Select(site => site with
        {
            Hosts = [.. site.Hosts.Select(host => host with
            {
                CpuCores = 1 + random.Next(4),
                Closed = random.Next(10) == 0,
            })],
        })];
        var environments = new List<EnvironmentInventory>();
        var next = 1;
        for (var e = random.Next(0, 9); e > 0; e--)
        {
            var home = sites[random.Next(sites.Length)];
            var nodes = Enumerable.Range(0, random.Next(1, 7)).Select(_ => Node(random, sites, home, next++));
            environments.Add(Sites.Env(e, [.. nodes]));
        }

        return Sites.Inventory(sites, [.. environments]);
    }

    private static NodeInventory Node(
        Random random, IReadOnlyList<SiteInventory> sites, SiteInventory home, int number)
    {
        var pinned = random.Next(8) == 0;
        var at = pinned ? sites[random.Next(sites.Count)] : home;
        var given = 0.1 + random.NextDouble();
        return Sites.NodeOn(number, 1, random.NextDouble() * 1.05, given, random.Next(1, 900)) with
        {
            Host = at.Hosts[random.Next(at.Hosts.Length)].Id,
            Pinned = pinned,
            Together = random.Next(6) == 0 ? "t" : null,
            Apart = random.Next(4) == 0 ? "a" : null,
            Samples = random.Next(10) == 0 ? SampleHistory.Empty : Sites.Seen(random.NextDouble(), given),
        };
    }
}
