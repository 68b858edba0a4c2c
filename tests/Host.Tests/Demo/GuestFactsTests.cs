using VioActors.Daemon.Demo;

namespace VioActors.Daemon.Tests.Demo;

public sealed class GuestFactsTests
{
    [Fact]
    public void Later_lines_win_and_what_must_not_happen_sticks()
    {
        var facts = GuestFacts.Parse(
        [
            "[    0.1] kernel speaks", "VIO ready", "VIO reach 10.10.0.12", "VIO tcp 5", "VIO disk 20 abc",
            "VIO work 300",
            "VIO mem 120000\r", "VIO heard 4", "VIO crossed boson", "VIO work 310", "VIO reach 10.10.0.12 10.10.0.13",
            "VIO tcp 9", "VIO tcp-broken 9", "VIO disk-control 20 cab", "VIO disk-bad 40 def", "VIO up 12",
        ]);

        Assert.Equal(["10.10.0.12", "10.10.0.13"], facts.Reached!.Order());
        Assert.Equal((9L, true), (facts.Tcp, facts.TcpBroken));
        Assert.Equal((20L, true), (facts.Disk, facts.DiskBad));
        Assert.Equal("abc", Assert.Single(facts.DiskSums).Value);
        Assert.Equal("cab", Assert.Single(facts.ChangedSums).Value);
        Assert.Equal([300, 310], facts.Work);
        Assert.Equal((120000L, 4L, 1), (facts.MemoryKiB, facts.Heard, facts.Crossed));
    }

    [Theory]
    [InlineData("VIO")]
    [InlineData("VIO tcp")]
    [InlineData("VIO tcp minus")]
    [InlineData("VIO tcp 99999999999999999999999")]
    [InlineData("VIO unknown 3")]
    public void A_torn_line_is_no_fact(string line) => Assert.Equal(0, GuestFacts.Parse([line]).Tcp);

    [Fact]
    public void A_node_that_lost_all_peers_reaches_none() =>
        Assert.Empty(GuestFacts.Parse(["VIO reach 10.0.0.2", "VIO reach"]).Reached!);
}
