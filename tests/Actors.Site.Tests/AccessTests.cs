using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site.Tests;

/// <summary>Every command under every role and sender: what is not in the table is denied.</summary>
public class AccessTests
{
    private static readonly HostId Host = HostId.From("h-1");
    private static readonly EnvironmentId Environment = EnvironmentId.From("s01.e1");

    private static readonly Dictionary<Type, Role[]> People = new()
    {
        [typeof(InitialiseSite)] = [Role.System],
        [typeof(RedeemJoinToken)] = [Role.System],
        [typeof(IssueJoinToken)] = [Role.Admin, Role.System],
        [typeof(PutUser)] = [Role.Admin, Role.System],
        [typeof(RemoveUser)] = [Role.Admin, Role.System],
        [typeof(PutImage)] = [Role.Admin, Role.System],
        [typeof(RemoveImage)] = [Role.Admin, Role.System],
        [typeof(ApplySpec)] = [Role.Owner, Role.Admin, Role.System],
    };

    private static readonly Dictionary<Type, ActorKey> Actors = new()
    {
        [typeof(HostCapacity)] = new(ActorKinds.Host, Host.Value),
        [typeof(ProposePlacement)] = new(ActorKinds.Environment, Environment.Value),
        [typeof(HostDrains)] = new(ActorKinds.Adaptation, Sites.Id.Value),
        [typeof(ReleaseName)] = new(ActorKinds.Environment, Environment.Value),
    };

    private static readonly object[] Messages =
    [
        new InitialiseSite(Sites.Id, "lab"),
        new RedeemJoinToken("t", Sites.Hash, Sites.Hash),
        new IssueJoinToken("t", Sites.Hash, Role.Agent, "a", default),
        new PutUser("bob", Role.Owner, Sites.Hash),
        new RemoveUser("bob"),
        new PutImage(Sites.Image),
        new RemoveImage("tiny"),
        new ApplySpec(Sites.Spec(), "alice", DryRun: true),
        new HostCapacity(Host, "a", true, 1, 1, 1, 0, 1),
        new ProposePlacement("r", Environment, [], [], new Dictionary<HostId, int>()),
        new HostDrains(Host, true),
        new ReleaseName(Environment),
        new JoinAccepted(Host, "not a command of a site"),
    ];

    [Fact]
    public void EveryMessageOfTheSiteIsInTheTable()
    {
        var sent = Messages.Select(message => message.GetType()).ToHashSet();
        Assert.All(People.Keys.Concat(Actors.Keys), type => Assert.Contains(type, sent));
    }

    [Theory]
    [InlineData(Role.Viewer), InlineData(Role.Owner), InlineData(Role.Operator)]
    [InlineData(Role.Admin), InlineData(Role.Agent), InlineData(Role.System)]
    public void APersonMayWhatTheTableSays(Role role)
    {
        foreach (var message in Messages)
        {
            var denied =
                Sites.Empty().Ask(message, new Principal("alice", role).ToString()).Refusal?.Code == "forbidden";
            Assert.Equal(!People.GetValueOrDefault(message.GetType(), []).Contains(role), denied);
        }
    }

    [Fact]
    public void AnActorMaySpeakOfItselfOnly()
    {
        ActorKey[] senders =
        [
            new(ActorKinds.Host, Host.Value), new(ActorKinds.Host, "h-2"),
            new(ActorKinds.Environment, Environment.Value),
            new(ActorKinds.Environment, "s01.e2"), new(ActorKinds.Network, Environment.Value),
            new(ActorKinds.Site, "s01"), new(ActorKinds.Adaptation, "s01"), new(ActorKinds.Adaptation, "s02"),
        ];
        foreach (var message in Messages)
            foreach (var sender in senders)
            {
                var allowed = Actors.TryGetValue(message.GetType(), out var right) && right == sender;
                Assert.Equal(!allowed, Sites.Empty().Hear(sender, message).Refusal?.Code == "forbidden");
            }
    }

    [Fact]
    public void AnOwnerAppliesOnlyForItself()
    {
        var refusal = Sites.Empty().Ask(new ApplySpec(Sites.Spec(), "alice", DryRun: false), "owner:bob").Refusal!;
        Assert.Equal("'bob' may not apply 'astro' for 'alice': an owner changes only its own environments.",
            refusal.Reason);
    }

    [Fact]
    public void NothingWorksBeforeTheFirstStart()
    {
        var site = new Testing.ActorHarness<SiteState>(new SiteActor(), new ActorKey(ActorKinds.Site, "s01"));
        Assert.Equal("not-initialised", site.Ask(new RemoveUser("bob"), Sites.Admin).Refusal!.Code);
        site.Ask(new InitialiseSite(Sites.Id, "lab"));
        Assert.Empty(site.Ask(new InitialiseSite(Sites.Id, "other")).Events);
        Assert.Equal("lab", site.State.Name);
    }
}
