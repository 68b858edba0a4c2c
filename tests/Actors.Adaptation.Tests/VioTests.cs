using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Prediction;
using VioActors.Actors.Adaptation.Vio;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class VioTests
{
    private static readonly VioPlanner Planner = new(new VioOptions());

    // What each node wants does not change; what it gets is its fair share of its host, as a scheduler gives it.
    private static Inventory Observe(Inventory last, Dictionary<string, double> wants, Random noise, DateTimeOffset now)
    {
        var sharing = last.Environments.SelectMany(one => one.Nodes).ToLookup(node => node.Host);
        var hosts = last.Sites.SelectMany(site => site.Hosts).ToDictionary(host => host.Id);
        return last with
        {
            Version = last.Version + 1,
            At = now,
            Environments = [.. last.Environments.Select(one => one with
            {
                Nodes = [.. one.Nodes.Select(node =>
                {
                    var given = Math.Min(1, hosts[node.Host].CpuCores / sharing[node.Host].Count());
                    var history = SampleHistory.Empty;
                    for (var age = 60; age >= 1; age--)
                        (history, _) = history.Add(node.Id, new Sample(
                            now.AddSeconds(-age),
                            Math.Min(given, wants[node.Id.Value] * (0.8 + 0.4 * noise.NextDouble())), given, 100), now);
                    return node with { CpuCores = given, Samples = history };
                })],
            })],
        };
    }

    private static Inventory Apply(Inventory inventory, Plan plan)
    {
        var to = plan.Nodes.ToDictionary(one => one.Node, one => one.To);
        return inventory with
        {
            Environments = [.. inventory.Environments.Select(one => one with
            {
                Nodes = [.. one.Nodes.Select(node => node with
                {
                    Host = to[node.Id],
                    LastMoved = to[node.Id] == node.Host ? node.LastMoved : inventory.At,
                })],
            })],
        };
    }

    [Fact]
    public void It_never_thrashes()
    {
        var moved = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var inventory = PlanProperties.Some(random);
            var wants = inventory.Environments.SelectMany(one => one.Nodes)
                .ToDictionary(node => node.Id.Value, _ => random.NextDouble() * 1.2);
            var lastMoved = new Dictionary<string, int>();
            for (var minute = 0; minute < 45; minute++)
            {
                inventory = Observe(inventory, wants, random, Sites.Now.AddMinutes(minute));
                var plan = Planner.Plan(inventory).Plan!;
                Assert.Empty(PlanChecker.Check(plan, inventory));
                foreach (var move in plan.Moves)
                {
                    Assert.True(minute - lastMoved.GetValueOrDefault(move.Node.Value, -99) >= 10, $"seed {seed}");
                    Assert.True(move.Reason.Gain >= new VioOptions().LeastGain
                        || move.Reason.Text.Contains("emptied"), $"seed {seed}: {move}");
                    Assert.True(minute < 40, $"seed {seed}: {move.Node} still moves after {minute} minutes");
                    lastMoved[move.Node.Value] = minute;
                    moved++;
                }

                inventory = Apply(inventory, plan);
            }
        }

        // Control: a policy that does nothing would pass too.
        Assert.True(moved > 30, $"only {moved} moves");
    }

    [Fact]
    public void A_short_burst_moves_nothing()
    {
        NodeInventory Bursting(int number)
        {
            var history = SampleHistory.Empty;
            for (var age = 60; age >= 1; age--)
                (history, _) = history.Add(
                    Sites.Node(number), new Sample(Sites.Now.AddSeconds(-age), age < 9 ? 0.5 : 0.1, 0.5, 1), Sites.Now);
            return Sites.NodeOn(number, 1, given: 0.5) with { Samples = history };
        }

        var burst = Sites.Inventory(Sites.Of(2048, 2), Sites.Env(1, Bursting(1), Bursting(2)));
        Assert.Empty(Planner.Plan(burst).Plan!.Moves);
        var steady = Sites.Inventory(
            Sites.Of(2048, 2), Sites.Env(1, Sites.NodeOn(1, 1, given: 0.5), Sites.NodeOn(2, 1, given: 0.5)));
        var eager = new VioPlanner(new VioOptions { Hold = TimeSpan.FromSeconds(5) });
        Assert.Single(eager.Plan(steady).Plan!.Moves);
    }

    [Fact]
    public void Old_samples_lose_their_weight()
    {
        var history = SampleHistory.Empty;
        for (var age = 100; age >= 1; age--)
            (history, _) = history.Add(
                Sites.Node(1), new Sample(Sites.Now.AddSeconds(-age), age > 50 ? 1 : 0.2, 1, 1), Sites.Now);
        double P(double percentile, double halfLife) => new DecayedPercentile(
            percentile, TimeSpan.FromSeconds(halfLife)).Of(history, one => one.CpuUsedCores);

        Assert.Equal(0.2, P(0.9, 10));
        Assert.Equal(1, P(0.9, 1000));
        Assert.Equal(0.2, P(0.5, 1000));
        Assert.Equal(0, new DecayedPercentile(1, TimeSpan.FromSeconds(1)).Of(SampleHistory.Empty, _ => 1));
    }
}
