using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site.Tests;

/// <summary>Sites as tests need them.</summary>
internal static class Sites
{
    internal const string Admin = "admin:root";
    internal static readonly SiteId Id = SiteId.From("s01");
    internal static readonly string Hash = new('a', 64);
    internal static readonly string OtherHash = new('b', 64);

    internal static readonly ImageDefinition Image =
        new("tiny", new Blob(Hash, 10), new Blob(Hash, 20), Disk: null, "console=ttyS0");

    internal static ActorHarness<SiteState> Empty()
    {
        var site = new ActorHarness<SiteState>(new SiteActor(), new ActorKey(ActorKinds.Site, Id.Value));
        site.Ask(new InitialiseSite(Id, "lab"));
        site.Ask(new PutImage(Image), Admin);
        site.Ask(new PutUser("alice", Role.Owner, Hash), Admin);
        return site;
    }

    internal static HostId Join(this ActorHarness<SiteState> site, string name)
    {
        var token = $"t{site.Journal.Count}";
        site.Ask(new IssueJoinToken(token, Hash, Role.Agent, name, site.Now + TimeSpan.FromMinutes(5)), Admin);
        return Assert.IsType<JoinAccepted>(site.Ask(new RedeemJoinToken(token, Hash, OtherHash)).Reply).Host;
    }

    /// <summary>A host that joined and connected.</summary>
    internal static HostId Add(
        this ActorHarness<SiteState> site, string name, int memoryMiB = 2048, int? freeMiB = null, bool available =
            true,
        bool fenced = false)
    {
        var host = site.Join(name);
        site.Hear(new ActorKey(ActorKinds.Host, host.Value), new HostCapacity(
            host, name, available, memoryMiB, freeMiB ?? memoryMiB, 4, 0, 100_000, fenced));
        return host;
    }

    internal static EnvironmentSpec Spec(params NodeSpec[] nodes) => new()
    {
        Name = "astro",
        Subnet = "10.10.0.0/24",
        Nodes = nodes.Length > 0 ? [.. nodes] : [new NodeSpec { Name = "n1", Image = "tiny" }],
    };
}
