using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class PolicyOptionsTests
{
    [Fact]
    public void Every_policy_works_with_its_usual_options()
    {
        foreach (var name in PolicyOptions.Names)
        {
            Assert.Null(PolicyOptions.Refuse(PolicyChoice.Of(name)));
            Assert.Equal(name, PolicyOptions.Create(PolicyChoice.Of(name)).Policy);
        }
    }

    [Theory]
    [InlineData("vio", "hold", "30s")]
    [InlineData("vio", "halfLife", "90")]
    [InlineData("vio", "powerSaving", "true")]
    [InlineData("vio", "cooldown", "0.5h")]
    [InlineData("vio", "margin", "0.2")]
    [InlineData("violin-2007", "corrections", "none")]
    [InlineData("violin-2007", "corrections", "slope, loop-test")]
    [InlineData("violin-2007", "capAtVcpus", "true")]
    [InlineData("violin-2007", "window", "9")]
    public void Options_are_read(string policy, string key, string value) =>
        Assert.Null(PolicyOptions.Refuse(policy, key, value));

    [Theory]
    [InlineData("vio", "coolness", "1", "bad-policy")]
    [InlineData("vio", "hold", "0s", "bad-number")]
    [InlineData("vio", "hold", "soon", "bad-policy")]
    [InlineData("vio", "hold", "99999h", "bad-number")]
    [InlineData("vio", "percentile", "1.5", "bad-number")]
    [InlineData("vio", "movesPerHost", "1.5", "bad-number")]
    [InlineData("vio", "leastGain", "0", "bad-number")]
    [InlineData("vio", "margin", "-1", "bad-number")]
    [InlineData("vio", "margin", "NaN", "bad-policy")]
    [InlineData("vio", "margin", "1e999", "bad-policy")]
    [InlineData("violin-2007", "alpha", "1", "out-of-range")]
    [InlineData("violin-2007", "window", "0", "out-of-range")]
    [InlineData("violin-2007", "window", "2.5", "bad-policy")]
    [InlineData("violin-2007", "capAtVcpus", "yes", "bad-policy")]
    [InlineData("violin-2007", "corrections", "7", "bad-policy")]
    public void What_a_policy_does_not_take_is_named(string policy, string key, string value, string code)
    {
        var refused = PolicyOptions.Refuse(policy, key, value);
        Assert.Equal(code, refused?.Code);
        Assert.Contains(key, refused?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_do_not_fit_each_other_are_refused()
    {
        var choice = PolicyChoice.Of("violin-2007");
        choice = choice with { Options = choice.Options.Add("alpha", "1.9").Add("beta", "1.8") };
        Assert.Equal("out-of-range", PolicyOptions.Refuse(choice)?.Code);
        Assert.Equal("bad-policy", PolicyOptions.Refuse(PolicyChoice.Of("luck"))?.Code);
    }
}
