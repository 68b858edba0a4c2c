using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Adapt;

public sealed class PolicyFileTests
{
    [Fact]
    public void A_policy_is_its_name_and_the_options_that_are_not_as_usual()
    {
        var policy = PolicyFile.Parse("p.yaml", "policy: vio\noptions:\n  hold: 30s\n  margin: 0.2\n");
        Assert.Equal("vio", policy.Name);
        Assert.Equal(["hold=30s", "margin=0.2"], policy.Options.Select(one => $"{one.Key}={one.Value}"));
        Assert.Empty(PolicyFile.Parse("p.yaml", "policy: violin-2007\n").Options);
    }

    [Theory]
    [InlineData("policy: luck\n", "p.yaml:1:9", "no policy 'luck'")]
    [InlineData("policy: vio\nmood: good\n", "p.yaml:2:1", "no option 'mood'")]
    [InlineData("policy: vio\noptions:\n  hold: 30s\n  coolness: 3\n", "p.yaml:4:3", "no option 'coolness'")]
    [InlineData("policy: vio\noptions:\n  hold: 0s\n", "p.yaml:3:9", "hold")]
    [InlineData("policy: vio\noptions:\n  hold: soon\n", "p.yaml:3:9", "hold")]
    [InlineData("policy: vio\noptions:\n  leastGain: -3\n", "p.yaml:3:14", "leastGain")]
    [InlineData("policy: violin-2007\noptions:\n  alpha: 0.5\n", "p.yaml:3:10", "alpha")]
    [InlineData("policy: violin-2007\noptions:\n  alpha: 3\n", "p.yaml:3:10", "alpha")]
    [InlineData("policy: violin-2007\noptions:\n  window: [1, 2]\n", "p.yaml:3:11", "one value")]
    [InlineData("options:\n  hold: 30s\n", "p.yaml:1:1", "has no 'policy'")]
    [InlineData("- vio\n", "p.yaml:1:1", "key: value")]
    public void What_it_does_not_know_or_take_is_named_with_its_line(string text, string place, string what)
    {
        var refused = Assert.Throws<SpecException>(() => PolicyFile.Parse("p.yaml", text));
        Assert.StartsWith(place, refused.Problem.Reason, StringComparison.Ordinal);
        Assert.Contains(what, refused.Problem.Reason, StringComparison.Ordinal);
    }
}
