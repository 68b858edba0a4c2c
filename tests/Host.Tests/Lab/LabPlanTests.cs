using VioActors.Daemon.Lab;

namespace VioActors.Host.Tests.Lab;

public sealed class LabPlanTests
{
    private static readonly HashSet<int> NoIds = [];

    [Fact]
    public void Two_labs_share_no_name()
    {
        var one = Plan(new LabOptions { Id = "one" });
        var two = Plan(new LabOptions { Id = "two" });
        Assert.Empty(Names(one).Intersect(Names(two)));
        Assert.NotEqual(one.UserId, two.UserId);
    }

    [Theory]
    [InlineData(2, "0-3", "0,1|2,3")]
    [InlineData(2, "0-1", "0|1")]
    [InlineData(3, "4,6", "4|6|4")]
    [InlineData(2, "0-2", "0|1,2")]
    public void Hosts_get_neighbouring_cores_or_share(int hosts, string cores, string expected)
    {
        var plan = LabPlan.From(new LabOptions { Id = "x", Hosts = hosts }, LabPlan.ParseCores(cores), NoIds);
        Assert.Equal(expected, string.Join('|', plan.Hosts.Select(host => string.Join(',', host.Cores))));
    }

    [Fact]
    public void A_user_id_that_an_account_has_is_not_taken()
    {
        var free = Plan(new LabOptions { Id = "x" }).UserId;
        var other = LabPlan.From(new LabOptions { Id = "x" }, [0], new HashSet<int> { free }).UserId;
        Assert.Equal(free == 65519 ? 61184 : free + 1, other);
    }

    [Fact]
    public void Socket_paths_fit_into_an_address()
    {
        var plan = Plan(new LabOptions { Id = "abcdefgh", Hosts = 8 });
        Assert.All(plan.Hosts, host => Assert.True(host.LibvirtSocketPath.Length < 108, host.LibvirtSocketPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../etc")]
    [InlineData("A")]
    [InlineData("ninechars")]
    [InlineData("a\n")]
    public void A_bad_id_is_refused(string id) =>
        Assert.Throws<ArgumentException>(() => Plan(new LabOptions { Id = id }));

    [Fact]
    public void All_complaints_come_at_once() => Assert.Equal(
        3, new LabOptions { Id = "/", Hosts = 9, BaseDirectory = "here" }.Validate().Count);

    [Fact]
    public void Random_ids_are_ids() => Assert.True(LabOptions.IsId(LabOptions.NewId()));

    [Fact]
    public void An_unprivileged_process_loses_all_capabilities_but_those_named()
    {
        var machine = Plan(new LabOptions { Id = "x" }).Server;
        var process = new LabProcess { Name = "p", Machine = machine, Command = ["a"], UserId = 7 };
        Assert.Contains("--bounding-set=-all", process.FullCommand);
        Assert.Contains(
            "--ambient-caps=-all,+net_admin", (process with { Capabilities = ["net_admin"] }).FullCommand);
        Assert.Equal(["a"], (process with { UserId = null }).FullCommand);
    }

    private static LabPlan Plan(LabOptions options) => LabPlan.From(options, [0, 1], NoIds);

    private static IEnumerable<string> Names(LabPlan plan) =>
        plan.Machines.SelectMany(machine => new[] { machine.Namespace, machine.Root, machine.Uuid.ToString() });
}
