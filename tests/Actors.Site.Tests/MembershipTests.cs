using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site.Tests;

public class MembershipTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void ATokenIsGoodOnce()
    {
        var site = Sites.Empty();
        site.Ask(new IssueJoinToken("t1", Sites.Hash, Role.Agent, "a", site.Now + Minute), Sites.Admin);
        var accepted =
            Assert.IsType<JoinAccepted>(site.Ask(new RedeemJoinToken("t1", Sites.Hash, Sites.OtherHash)).Reply);
        Assert.Matches("^h-[0-9a-f]{16}$", accepted.Host.Value);
        var again = site.Ask(new RedeemJoinToken("t1", Sites.Hash, Sites.OtherHash)).Refusal!;
        Assert.Equal("token-used", again.Code);
        Assert.Contains("used already, by host 'a'", again.Reason);
        site.AssertReplays();
    }

    [Fact]
    public void AWrongSecretLearnsNothingAndCostsNothing()
    {
        var site = Sites.Empty();
        site.Ask(new IssueJoinToken("t1", Sites.Hash, Role.Agent, "a", site.Now + Minute), Sites.Admin);
        Assert.Equal("token-wrong", site.Ask(new RedeemJoinToken("t1", Sites.OtherHash, Sites.Hash)).Refusal!.Code);
        site.Ask(new RedeemJoinToken("t1", Sites.Hash, Sites.Hash));
        Assert.Equal("token-wrong", site.Ask(new RedeemJoinToken("t1", Sites.OtherHash, Sites.Hash)).Refusal!.Code);
        Assert.Equal("token-unknown", site.Ask(new RedeemJoinToken("t2", Sites.Hash, Sites.Hash)).Refusal!.Code);
        Assert.Single(site.State.Members);
    }

    [Fact]
    public void ATokenExpiresAndIsForgottenLater()
    {
        var site = Sites.Empty();
        site.Ask(new IssueJoinToken("t1", Sites.Hash, Role.Agent, "a", site.Now + Minute), Sites.Admin);
        site.Now += Minute;
        Assert.Equal("token-expired", site.Ask(new RedeemJoinToken("t1", Sites.Hash, Sites.Hash)).Refusal!.Code);
        site.Ask(new IssueJoinToken("t2", Sites.Hash, Role.Agent, "a", site.Now + Minute), Sites.Admin);
        Assert.Equal(["t2"], site.State.Tokens.Keys);
    }

    [Theory]
    [InlineData(0), InlineData(-1), InlineData(15.01)]
    public void ATokenLivesAtMostAQuarterOfAnHour(double minutes)
    {
        var site = Sites.Empty();
        var refusal = site.Ask(
            new IssueJoinToken("t", Sites.Hash, Role.Agent, "a", site.Now + (minutes * Minute)), Sites.Admin).Refusal!;
        Assert.Equal("bad-expiry", refusal.Code);
        Assert.Contains("at most 15 minutes", refusal.Reason);
    }

    [Fact]
    public void BadTokensAreRefused()
    {
        var site = Sites.Empty();
        string? Code(IssueJoinToken ask) => site.Ask(ask, Sites.Admin).Refusal?.Code;
        var good = new IssueJoinToken("t", Sites.Hash, Role.Agent, "a", site.Now + Minute);
        Assert.Equal("bad-role", Code(good with { Role = Role.Admin }));
        Assert.Equal("bad-name", Code(good with { HostName = "../a" }));
        Assert.Equal("bad-hash", Code(good with { SecretSha256 = "x" }));
        Assert.Null(Code(good));
        Assert.Equal("token-taken", Code(good));
    }

    [Fact]
    public void TokensAreBounded()
    {
        var site = Sites.Empty();
        for (var i = 0; i < SiteLimits.Tokens; i++)
            site.Ask(new IssueJoinToken($"t{i}", Sites.Hash, Role.Agent, "a", site.Now + Minute), Sites.Admin);
        var one = new IssueJoinToken("more", Sites.Hash, Role.Agent, "a", site.Now + (2 * Minute));
        Assert.Equal("limit-reached", site.Ask(one, Sites.Admin).Refusal!.Code);
        site.Now += Minute;
        Assert.Null(site.Ask(one, Sites.Admin).Refusal);
        Assert.Single(site.State.Tokens);
    }

    [Fact]
    public void AHostThatRejoinsKeepsItsIdAndCapacity()
    {
        var site = Sites.Empty();
        var first = site.Add("a");
        var other = site.Join("b");
        Assert.NotEqual(first, other);
        Assert.Equal(first, site.Join("a"));
        Assert.Equal(2048, site.State.Members[first].Capacity!.MemoryMiB);
        site.AssertReplays();
    }

    [Fact]
    public void CapacityOfAStrangerIsRefusedAndOfAMemberKeptOnce()
    {
        var site = Sites.Empty();
        var host = site.Add("a");
        var stranger = HostId.From("h-x");
        var told = new HostCapacity(stranger, "x", true, 1, 1, 1, 0, 1);
        Assert.Equal("not-member", site.Hear(new ActorKey(ActorKinds.Host, "h-x"), told).Refusal!.Code);
        Assert.Empty(site.Hear(new ActorKey(ActorKinds.Host, host.Value), site.State.Members[host].Capacity!).Events);
    }

    [Fact]
    public void TheLastAdministratorStays()
    {
        var site = Sites.Empty();
        site.Ask(new PutUser("root", Role.Admin, Sites.Hash), Sites.Admin);
        Assert.Equal("last-admin", site.Ask(new RemoveUser("root"), Sites.Admin).Refusal!.Code);
        Assert.Equal("last-admin", site.Ask(new PutUser("root", Role.Viewer, Sites.Hash), Sites.Admin).Refusal!.Code);
        site.Ask(new PutUser("other", Role.Admin, Sites.Hash), Sites.Admin);
        Assert.Null(site.Ask(new RemoveUser("root"), Sites.Admin).Refusal);
        Assert.Equal("not-found", site.Ask(new RemoveUser("root"), Sites.Admin).Refusal!.Code);
    }

    [Theory]
    [InlineData("a/b", Role.Owner, "bad-name"), InlineData("system", Role.Owner, "bad-name")]
    [InlineData("bob", Role.Agent, "bad-role"), InlineData("bob", Role.System, "bad-role")]
    public void BadUsersAreRefused(string name, Role role, string code) =>
        Assert.Equal(code, Sites.Empty().Ask(new PutUser(name, role, Sites.Hash), Sites.Admin).Refusal!.Code);

    [Fact]
    public void BadImagesAreRefusedWithTheReason()
    {
        string? Reason(ImageDefinition image) => Sites.Empty().Ask(new PutImage(image), Sites.Admin).Refusal?.Reason;
        var good = Sites.Image with { Disk = new Blob(Sites.Hash, 5, "qcow2") };
        Assert.Null(Reason(good));
        Assert.Contains("kernel whose sha256", Reason(good with { Kernel = new Blob("../etc", 1) }));
        Assert.Contains("initrd of 0 bytes", Reason(good with { Initrd = new Blob(Sites.Hash, 0) }));
        Assert.Contains("format 'vmdk'; raw or qcow2", Reason(good with { Disk = new Blob(Sites.Hash, 5, "vmdk") }));
        Assert.Contains("command line", Reason(good with { CommandLine = "a\nb" }));
        Assert.Contains("not a name", Reason(good with { Name = "../tiny" }));
    }
}
