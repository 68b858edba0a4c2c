using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Tests;

/// <summary>Loads that jump about at random: no move is undone within ten minutes.</summary>
public sealed class UndoneMoves
{
    private const int Seeds = 40;
    private const int Minutes = 40;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_move_is_undone_within_ten_minutes(bool powerSaving)
    {
        var (moved, undone) = Play(new VioOptions { PowerSaving = powerSaving });
        Assert.True(moved > 50, $"only {moved} moves");
        Assert.Equal(0, undone);
    }

    // Control: without cooldown and hold the same loads make it go to and fro.
    [Fact]
    public void Without_cooldown_moves_are_undone()
    {
        var (_, undone) = Play(new VioOptions
        {
            Cooldown = TimeSpan.Zero,
            Hold = TimeSpan.FromSeconds(1),
            MoveCostSeconds = 0,
            LeastGain = 0.001,
            LeastImprovement = 0,
        });
        Assert.True(undone > 0);
    }

    private static (int Moved, int Undone) Play(VioOptions options)
    {
        var (planner, moved, undone) = (new VioPlanner(options), 0, 0);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var inventory = PlanProperties.Some(random);
            var wants = new Dictionary<NodeId, double>();
            var left = new Dictionary<(NodeId, HostId), int>();
            for (var minute = 0; minute < Minutes; minute++)
            {
                inventory = Fleets.Observe(inventory, node =>
                {
                    if (!wants.ContainsKey(node.Id) || random.Next(4) == 0) wants[node.Id] = random.NextDouble() * 1.3;
                    return wants[node.Id];
                }, random, Sites.Now.AddMinutes(minute));
                var plan = planner.Plan(inventory).Plan!;
                var wrong = PlanChecker.Check(plan, inventory, options.Limits);
                Assert.True(wrong.Count == 0, $"seed {seed}, minute {minute}: {string.Join('\n', wrong)}");
                foreach (var move in plan.Moves)
                {
                    moved++;
                    if (left.TryGetValue((move.Node, move.To), out var at) && minute - at < 10) undone++;
                    left[(move.Node, move.From)] = minute;
                }

                inventory = Fleets.Apply(inventory, plan);
            }
        }

        return (moved, undone);
    }
}
