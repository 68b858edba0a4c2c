using VioActors.Actors.Adaptation.Vio;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class VioParameterTests
{
    [Fact]
    public void Every_parameter_is_read_back_and_refused_outside_of_its_range()
    {
        foreach (var one in VioParameters.All)
        {
            Assert.Null(one.Refuse(one.Default));
            foreach (var value in new[] { one.Least, one.Most })
            {
                var (next, refused) = VioParameters.Set(new VioOptions(), one.Key, value);
                Assert.Null(refused);
                Assert.Equal(value, one.Get(next!), 6);
            }

            foreach (var bad in new[] { one.Least - 1, one.Most + 1, double.NaN })
            {
                var (next, refused) = VioParameters.Set(new VioOptions(), one.Key, bad);
                Assert.Null(next);
                Assert.Contains($"'{one.Key}'", refused!.Reason);
            }
        }
    }

    [Fact]
    public void Every_option_is_in_the_table()
    {
        var options = typeof(VioOptions).GetProperties().Where(one => one.CanWrite)
            .Select(one => char.ToLowerInvariant(one.Name[0]) + one.Name[1..]);
        Assert.Equal(options.Order(), VioParameters.All.Select(one => one.Key).Order());
    }

    [Fact]
    public void Unknown_names_are_refused_with_the_known_ones()
    {
        var (_, refused) = VioParameters.Set(new VioOptions(), "halfLive", 3);
        Assert.Equal("unknown-key", refused!.Code);
        Assert.Contains("halfLife", refused.Remedy);
        Assert.Throws<ArgumentOutOfRangeException>(() => new VioPlanner(new VioOptions { Percentile = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VioPlanner(new VioOptions { Crowded = 0.5 }));
    }
}
