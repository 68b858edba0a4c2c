using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Prediction;
using VioActors.Actors.Adaptation.Vio;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class DayProfileTests
{
    // Busy from 9 to 10, idle else; ten samples an hour, the last at the given time.
    private static SampleHistory Days(double hours, DateTimeOffset until)
    {
        var history = SampleHistory.Empty;
        for (var left = hours; left >= 0; left -= 0.1)
        {
            var at = until.AddHours(-left);
            (history, _) = history.Add(
                Sites.Node(1), new Sample(at, at.Hour == 9 ? 0.9 : 0.1, 1, 100) { WaitMeasured = true }, until);
        }

        return history;
    }

    [Fact]
    public void It_expects_what_came_at_that_hour_of_the_days_before()
    {
        var day = Days(80, Sites.Now).Day;
        double At(double hour) => day.Expected(Sites.Now.AddHours(hour), TimeSpan.FromMinutes(10));
        Assert.Equal(0.1, At(5), 6);
        Assert.Equal(0.9, At(9.1), 6);
        Assert.Equal(0.9, At(8.9), 6);
        Assert.Equal(0.1, At(10.1), 6);
    }

    [Fact]
    public void A_peak_is_remembered_for_an_hour()
    {
        var window = PeakWindow.Empty.Add(Sites.Now, 900);
        for (var minute = 1; minute <= 59; minute++)
            window = window.Add(Sites.Now.AddMinutes(minute), 200 + minute % 3);
        Assert.Equal(900, window.Peak);
        Assert.Equal(202, window.Add(Sites.Now.AddMinutes(60), 100).Peak);
        Assert.Equal(100, window.Add(Sites.Now.AddMinutes(200), 100).Peak);
    }

    [Fact]
    public void It_says_nothing_before_the_third_day_begins() => Assert.Equal(
        0, Days(40, Sites.Now).Day.Expected(Sites.Now.AddHours(9.1), TimeSpan.FromMinutes(10)));

    // Nine o'clock in five minutes: power mode leaves room. Two hours later it packs.
    [Theory]
    [InlineData(8.95, false)]
    [InlineData(11, true)]
    public void Nothing_is_packed_before_the_daily_rush(double hour, bool packs)
    {
        var now = Sites.Now.AddHours(hour);
        NodeInventory NodeOf(int number) => new(
            Sites.Node(number), Sites.Host(number), 1, 256, Days(80, now));
        var inventory = Sites.Inventory(Sites.Of(2048, 2), Sites.Env(1, NodeOf(1), NodeOf(2))) with { At = now };
        var planner = new VioPlanner(new VioOptions { PowerSaving = true });
        var plan = planner.Plan(inventory).Plan!;
        Assert.Equal(packs, plan.Moves.Any());
        Assert.Empty(PlanChecker.Check(plan, inventory, new VioOptions().Limits));
    }
}
