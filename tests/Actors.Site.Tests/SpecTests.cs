using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site.Tests;

public class SpecTests
{
    private static readonly NodeSpec Node = new() { Name = "n1", Image = "tiny" };

    private static Refusal? Check(EnvironmentSpec spec)
    {
        var site = Sites.Empty();
        site.Add("a", memoryMiB: 1024);
        site.Add("b", memoryMiB: 2048);
        return site.Ask(new ApplySpec(spec, "alice", DryRun: true), "owner:alice").Refusal;
    }

    public static TheoryData<EnvironmentSpec, string, string> Bad => new()
    {
        { Sites.Spec() with { Name = "a/b" }, "name", "'a/b' is not a name: 1 to 40 of a-z, 0-9 and '-'" },
        { Sites.Spec() with { Name = ".." }, "name", "'..' is not a name" },
        { Sites.Spec() with { Network = new() { Gateway = "zz" } }, "network.gateway", "'zz' is no node" },
        { Sites.Spec() with { Network = new() { BootServer = "zz" } }, "network.bootServer", "'zz' is no node" },
        { Sites.Spec() with { Network = new() { BootFile = "a b" } }, "network.bootFile", "1 to 127 printable" },
        { Sites.Spec() with { Network = new() { BootUrl = "" } }, "network.bootUrl", "1 to 255 printable" },
        { Sites.Spec() with { Network = new() { Duplicates = "shoot" } }, "network.duplicates", "neither 'report'" },
        { Sites.Spec() with { Name = "" }, "name", "is missing" },
        { Sites.Spec(Node with { Apart = "A" }), "nodes[0].apart", "'A' is not a name" },
        { Sites.Spec(Node with { Together = "" }), "nodes[0].together", "is missing" },
        {
            Sites.Spec(
                Node with { Apart = "x", Together = "y" }, Node with { Name = "n2", Apart = "x", Together = "y" }),
            "nodes[1].apart", "shall be together"
        },
        {
            Sites.Spec(Node with { Host = "a", Apart = "x" }, Node with { Name = "n2", Host = "a", Apart = "x" }),
            "nodes[1].apart", "whose host is the same"
        },
        {
            Sites.Spec(Node with { Host = "a", Together = "x" }, Node with { Name = "n2", Host = "b", Together = "x" }),
            "nodes[1].together", "whose host is another one"
        },
        { Sites.Spec() with { Name = new string('a', 41) }, "name", "is not a name" },
        { Sites.Spec() with { ReadyTimeoutSeconds = 4 }, "readyTimeoutSeconds", "is 4; 5 to 3600 is allowed" },
        { Sites.Spec() with { Subnet = "10.0.0.0" }, "subnet", "is not an IPv4 subnet" },
        { Sites.Spec() with { Subnet = "10.0.0.0/8" }, "subnet", "16 to 28" },
        { Sites.Spec() with { Subnet = "10.0.0.7/24" }, "subnet", "write 10.0.0.0/24" },
        { Sites.Spec() with { Subnet = "127.0.0.0/24" }, "subnet", "not for unicast" },
        { Sites.Spec() with { Nodes = [] }, "nodes", "has 0 entries; 1 to 256 are allowed" },
        { Sites.Spec() with { Nodes = default }, "nodes", "has 0 entries" },
        { Sites.Spec([.. Enumerable.Range(0, 257).Select(i => Node with { Name = $"n{i}" })]), "nodes", "257" },
        { Sites.Spec([.. Enumerable.Range(0, 11).Select(i => Node with { Name = $"n{i}" })])
            with { Subnet = "10.1.0.0/28" }, "nodes", "10.1.0.0/28 holds 10 nodes beside 4 addresses" },
        { Sites.Spec(Node, Node), "nodes[1].name", "'n1' is that of nodes[0] too" },
        { Sites.Spec(Node with { Name = "N1" }), "nodes[0].name", "'N1' is not a name" },
        { Sites.Spec(Node with { Image = "huge" }), "nodes[0].image", "'huge' is unknown; the site has tiny" },
        { Sites.Spec(Node with { Image = null! }), "nodes[0].image", "unknown" },
        { Sites.Spec(Node with { MemoryMiB = 63 }), "nodes[0].memoryMiB", "is 63; 64 to 1048576" },
        { Sites.Spec(Node with { MemoryMiB = 2048 }), "nodes[0].memoryMiB",
            "is 2048, with 96 MiB for its emulator more than the largest host 'b' has: 2048 MiB" },
        { Sites.Spec(Node with { MemoryMiB = 1000, Host = "a" }), "nodes[0].memoryMiB", "its host 'a' has: 1024 MiB" },
        { Sites.Spec(Node with { Host = "z" }), "nodes[0].host", "'z' is unknown; the site has a, b" },
        { Sites.Spec(Node with { Vcpus = 0 }), "nodes[0].vcpus", "is 0; 1 to 256" },
        { Sites.Spec(Node with { CpuQuotaPercent = 101 }), "nodes[0].cpuQuotaPercent", "is 101; 5 to 100" },
        { Sites.Spec(Node with { CpuWeight = 0 }), "nodes[0].cpuWeight", "is 0; 1 to 10000" },
        { Sites.Spec(Node with { KernelArguments = "a\nb" }), "nodes[0].kernelArguments", "printable" },
        { Sites.Spec(Node with { KernelArguments = new string('a', 1001) }), "nodes[0].kernelArguments",
            "at most 1000" },
        { Sites.Spec(Node with { Ip = "10.11.0.1" }), "nodes[0].ip",
            "'10.11.0.1' is outside the subnet 10.10.0.0/24; nodes can have 10.10.0.1 to 10.10.0.238" },
        { Sites.Spec(Node with { Ip = "10.10.0.0" }), "nodes[0].ip", "network address" },
        { Sites.Spec(Node with { Ip = "10.10.0.255" }), "nodes[0].ip", "broadcast address" },
        { Sites.Spec(Node with { Ip = "10.10.0.239" }), "nodes[0].ip", "one of the 16 addresses at the top" },
        { Sites.Spec(Node with { Ip = "10.10.0.05" }), "nodes[0].ip", "is not an IPv4 address" },
        { Sites.Spec(Node with { Ip = "0x0a0a0001" }), "nodes[0].ip", "is not an IPv4 address" },
        { Sites.Spec(Node with { Ip = "10.10.0.5" }, Node with { Name = "n2", Ip = "10.10.0.5" }), "nodes[1].ip",
            "'10.10.0.5' is that of nodes[0] too" },
        { Sites.Spec(Node with { Mac = "01:00:00:00:00:01" }), "nodes[0].mac", "multicast" },
        { Sites.Spec(Node with { Mac = "00:00:00:00:00:00" }), "nodes[0].mac", "all zero" },
        { Sites.Spec(Node with { Mac = "52-54-00-12-34-56" }), "nodes[0].mac", "is not a MAC address" },
        { Sites.Spec(Node with { Mac = "0A:56:49:4F:00:01" }), "nodes[0].mac", "keeps for itself" },
        { Sites.Spec(Node with { Mac = "52:54:00:aa:00:01" }, Node with { Name = "n2", Mac = "52:54:00:AA:00:01" }),
            "nodes[1].mac", "is that of nodes[0] too" },
        { Limited(new LimitSpec(["n1", "n3"], 1000)), "limits[0].between", "'n3' is no node of this environment" },
        { Limited(new LimitSpec(["n1", "n1"], 1000)), "limits[0].between", "names 'n1' twice" },
        { Limited(new LimitSpec(["n1"], 1000)), "limits[0].between", "must name two nodes" },
        { Limited(new LimitSpec(default, 1000)), "limits[0].between", "must name two nodes" },
        { Limited(new LimitSpec(["n1", "n2"], 63)), "limits[0].rateKbit", "is 63; 64 to 100000000 kbit/s" },
        { Limited(new LimitSpec(["n1", "n2"], 100_000_001)), "limits[0].rateKbit", "is 100000001; 64 to" },
        { Limited(new LimitSpec(["n1", "n2"], 64), new LimitSpec(["n2", "n1"], 65)), "limits[1].between",
            "limits[0] is that of 'n2' and 'n1' too" },
        { Limited([.. Enumerable.Repeat(new LimitSpec(["n1", "n2"], 64), 257)]), "limits", "has 257 entries" },
        { Limited(null!), "limits[0]", "is empty" },
        { Limited(LimitSpec.Of("n3", 64)), "limits[0].node", "'n3' is no node of this environment" },
        { Limited(LimitSpec.Of("n1", 64), LimitSpec.Of("n1", 65)), "limits[1].node", "limits[0] is that of 'n1' too" },
        { Limited(new LimitSpec(["n1", "n2"], 64) { Node = "n1" }), "limits[0].between", "together with 'node'" },
    };

    private static EnvironmentSpec Limited(params LimitSpec[]? limits) =>
        Sites.Spec(Node, Node with { Name = "n2" }) with { Limits = [.. limits ?? [null!]] };

    [Fact]
    public void LimitsBetweenNodesAreAccepted() =>
        Assert.Null(Check(Limited(
            new LimitSpec(["n2", "n1"], 64), LimitSpec.Of("n1", 64), new LimitSpec(default, 64) { Node = "n2" })));

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void EachErrorNamesFieldValueAndLimit(EnvironmentSpec spec, string field, string text)
    {
        var refusal = Check(spec)!;
        Assert.Equal("bad-spec", refusal.Code);
        Assert.Equal(field, Assert.Single(refusal.Facts).Key);
        Assert.Contains(text, refusal.Facts[field]);
        Assert.Contains($"{field} ", refusal.Reason);
    }

    [Fact]
    public void AllErrorsComeAtOnceAndBounded()
    {
        var two = Check(Sites.Spec(Node with { Ip = "x", Vcpus = 0 }) with { Name = "/" })!;
        Assert.Equal(["name", "nodes[0].ip", "nodes[0].vcpus"], two.Facts.Keys);
        Assert.StartsWith("The spec '/' has 3 errors: name '/' is not a name", two.Reason);
        var many = Check(Sites.Spec([.. Enumerable.Range(0, 200).Select(i => Node with { Name = $"N{i}" })]))!;
        Assert.Equal(SiteLimits.SpecErrors, many.Facts.Count);
        Assert.Contains("has 200 errors", many.Reason);
        Assert.EndsWith("and 100 more.", many.Reason);
    }

    [Fact]
    public void AGoodSpecIsNamedAndHandedOver()
    {
        var site = Sites.Empty();
        var spec = Sites.Spec(Node with { Mac = "52:54:00:AA:00:01", Ip = "10.10.0.238" });
        var decision = site.Ask(new ApplySpec(spec, "alice", DryRun: false), "owner:alice");
        var accepted = Assert.IsType<ApplyAccepted>(decision.Reply);
        Assert.True(accepted.Created);
        Assert.StartsWith("s01.", accepted.Environment.Value);
        var send = Assert.Single(decision.Sends);
        Assert.Equal(new ActorKey(ActorKinds.Environment, accepted.Environment.Value), send.To);
        var apply = Assert.IsType<ApplyEnvironment>(send.Message);
        Assert.Equal((accepted.Operation, "alice"), (apply.Operation, apply.Owner));
        Assert.Equal("52:54:00:aa:00:01", apply.Spec.Nodes[0].Mac);
        Assert.Equal(["tiny"], apply.Images.Keys);

        var again = Assert.IsType<ApplyAccepted>(site.Ask(new ApplySpec(spec, "alice", false), "owner:alice").Reply);
        Assert.Equal((accepted.Environment, false), (again.Environment, again.Created));
        Assert.NotEqual(accepted.Operation, again.Operation);
        var others = Assert.IsType<ApplyAccepted>(site.Ask(new ApplySpec(spec, "root", false), Sites.Admin).Reply);
        Assert.True(others.Created);

        site.Hear(send.To, new ReleaseName(accepted.Environment));
        Assert.Empty(site.Hear(send.To, new ReleaseName(accepted.Environment)).Events);
        var renewed = Assert.IsType<ApplyAccepted>(site.Ask(new ApplySpec(spec, "alice", false), "owner:alice").Reply);
        Assert.True(renewed.Created);
        Assert.NotEqual(accepted.Environment, renewed.Environment);
        site.AssertReplays();
    }

    [Fact]
    public void ADryRunLeavesNothing()
    {
        var decision = Sites.Empty().Ask(new ApplySpec(Sites.Spec(), "alice", DryRun: true), "owner:alice");
        Assert.Equal((true, null), decision.Reply is ApplyAccepted yes ? (yes.Created, yes.Operation) : default);
        Assert.Empty(decision.Events);
        Assert.Empty(decision.Sends);
    }

    [Fact]
    public void AnAdministratorNamesOnlyKnownOwners()
    {
        var refusal = Sites.Empty().Ask(new ApplySpec(Sites.Spec(), "zoe", false), Sites.Admin).Refusal!;
        Assert.Equal("The owner 'zoe' is no user; the site knows alice.", refusal.Reason);
    }
}
